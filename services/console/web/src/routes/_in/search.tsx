import { createFileRoute } from "@tanstack/react-router";
import { z } from "@/shared/api/zod";
import { SearchPage } from "@/features/objects/search-page";

export const Route = createFileRoute("/_in/search")({
  validateSearch: z.object({ q: z.string().max(2048).optional().catch(undefined) }),
  component: function SearchRoute() {
    return <SearchPage q={Route.useSearch().q?.trim() ?? ""} />;
  },
});
