import { createFileRoute } from "@tanstack/react-router";
import { z } from "@/shared/api/zod";
import { ObjectPage } from "@/features/objects/object-page";

const TEXT = z.string().min(1).max(2048).optional().catch(undefined);

export const Route = createFileRoute("/_in/object")({
  validateSearch: z.object({ id: TEXT, known_at: TEXT, happened_by: TEXT }),
  component: function ObjectRoute() {
    return <ObjectPage view={Route.useSearch()} />;
  },
});
