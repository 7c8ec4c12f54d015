import { createFileRoute } from "@tanstack/react-router";
import { z } from "@/shared/api/zod";
import { SignIn } from "@/features/people/sign-in";

export const Route = createFileRoute("/sign-in")({
  // an address of our own only: nobody is led elsewhere by a link
  validateSearch: z.object({ next: z.string().regex(/^\/(?![/\\])/).optional().catch(undefined) }),
  component: function SignInRoute() {
    return <SignIn next={Route.useSearch().next ?? "/"} />;
  },
});
