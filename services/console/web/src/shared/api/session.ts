/** Who is signed in and what they may do. */
import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { answered, api, keepCsrf } from "./client";
import type { components } from "./schema.gen";

export type Session = components["schemas"]["SessionRead"];
export type Right = "capture" | "query" | "trace" | "correct" | "export" | "audit" | "keys" | "accounts" | "operate";

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Session> => {
    const session = await answered(api.GET("/api/v1/session"));
    keepCsrf(session.csrf ?? null);
    return session;
  },
  staleTime: 60_000,
});

export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data;
}

/** True for what the caller may do; the service judges again, this only hides what would be refused. */
export function useMay(): (right: Right) => boolean {
  const rights: readonly string[] = useSession().me?.rights ?? [];
  return (right) => rights.includes(right);
}
