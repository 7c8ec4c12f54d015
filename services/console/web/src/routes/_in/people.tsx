import { createFileRoute } from "@tanstack/react-router";
import { accessKinds } from "@/shared/api/access";
import { z } from "@/shared/api/zod";
import { People } from "@/features/people/people";
import { TABS } from "@/features/people/view";

export const Route = createFileRoute("/_in/people")({
  validateSearch: z.object({
    tab: z.enum(TABS).optional().catch(undefined),
    kind: accessKinds,
  }),
  component: function PeopleRoute() {
    return <People view={Route.useSearch()} />;
  },
});
