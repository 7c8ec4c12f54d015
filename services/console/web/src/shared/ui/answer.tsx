/** What a question of the server shows while it is asked, when it failed, and once it is answered. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Loading } from "./page";
import { ProblemAlert } from "./problem-alert";

interface Props<T> {
  query: UseQueryResult<T>;
  /** Lines while it loads. */
  rows?: number;
  children: (answer: T) => ReactNode;
}

export function Answer<T>({ query, rows = 6, children }: Props<T>): ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <ProblemAlert error={query.error} retry={() => { void query.refetch(); }} />;
  return <Loading rows={rows} />;
}
