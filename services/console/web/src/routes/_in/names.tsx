import { createFileRoute } from "@tanstack/react-router";
import { z } from "@/shared/api/zod";
import { KINDS } from "@/features/names/model";
import { Names } from "@/features/names/names";

export const Route = createFileRoute("/_in/names")({
  validateSearch: z.object({ of: z.enum(KINDS).optional().catch(undefined), q: z.string().max(200).optional().catch(undefined) }),
  component: function NamesRoute() {
    return <Names view={Route.useSearch()} />;
  },
});
