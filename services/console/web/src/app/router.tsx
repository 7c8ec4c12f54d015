/** One address, one file under `src/routes`; a fault stays on its page. */
import { createRouter } from "@tanstack/react-router";
import { queries } from "@/shared/api/queries";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { Loading } from "@/shared/ui/page";
import { routeTree } from "../routeTree.gen";
import { NotFound } from "./not-found";
import { readSearch, writeSearch } from "@/shared/api/address";

export const router = createRouter({
  routeTree,
  context: { queries },
  // `object=a&object=b` and plain text, as in every link of the API; no JSON in an address
  parseSearch: readSearch,
  stringifySearch: writeSearch,
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  defaultPendingComponent: Loading,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: ({ error, reset }) => (
    <div className="page">
      <ProblemAlert error={error} retry={reset} />
    </div>
  ),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
