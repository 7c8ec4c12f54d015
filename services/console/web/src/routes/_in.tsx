import { createFileRoute, redirect } from "@tanstack/react-router";
import { Shell } from "@/app/shell";
import { sessionQuery } from "@/shared/api/session";

/** Everything but signing in: with neither account nor key the person at the machine may do all, else one signs in first. */
export const Route = createFileRoute("/_in")({
  beforeLoad: async ({ context, location }) => {
    const session = await context.queries.query(sessionQuery);
    if (session.me == null) throw redirect({ to: "/sign-in", search: { next: location.href } });
  },
  component: Shell,
});
