/** The one store of answers; what the caller got wrong is not asked again, what may pass is asked twice more. */
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./problem";

const PASSING = new Set([0, 429, 502, 503, 504]);

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && error instanceof ApiError && PASSING.has(error.status),
    },
  },
});
