/** How the service is: stores, lag, what could not be projected, and calls that were refused. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answered, api, ownHeaders } from "@/shared/api/client";
import { ApiError, problemOf } from "@/shared/api/problem";
import type { components } from "@/shared/api/schema.gen";

export type Ready = components["schemas"]["Ready"];
export type Refused = components["schemas"]["RefusedRead"];

const PAGE = 30;

export const readyQuery = queryOptions({
  queryKey: ["ready"],
  queryFn: () => answered(api.GET("/health/ready")),
  refetchInterval: 10_000,
});

export const notProjectedQuery = queryOptions({
  queryKey: ["not-projected"],
  queryFn: () => answered(api.GET("/api/v1/not-projected", { params: { query: { limit: 100 } } })),
});

export const refusedQuery = infiniteQueryOptions({
  queryKey: ["refused"],
  queryFn: ({ pageParam }) => answered(api.GET("/api/v1/refused", { params: { query: { limit: PAGE, ...(pageParam === "" ? {} : { after: pageParam }) } } })),
  initialPageParam: "",
  getNextPageParam: (last) => last.next ?? undefined,
});

/** Sends a refused call again: as it was, or with a body that was mended, of the same media type. Errors: `ApiError`. */
export async function sendAgain(call: Pick<Refused, "id" | "media_type">, mended: string | null): Promise<void> {
  const headers = { ...ownHeaders("POST"), ...(mended === null ? {} : { "content-type": call.media_type }) };
  const response = await fetch(`/api/v1/refused/${encodeURIComponent(call.id)}/resubmit`, { method: "POST", headers, body: mended });
  if (!response.ok) throw new ApiError(await problemOf(response));
}

export type System = components["schemas"]["SystemRead"];
export type Job = components["schemas"]["JobRead"];

/** Asked often while a job runs, so that its progress is seen. */
export const systemQuery = queryOptions({
  queryKey: ["system"],
  queryFn: () => answered(api.GET("/api/v1/system")),
  refetchInterval: (query) => (query.state.data?.jobs.some((job) => job.state === "running") === true ? 1_000 : 15_000),
});

export function beginVerify(): Promise<Job> {
  return answered(api.POST("/api/v1/system/verify"));
}

export function beginBackup(): Promise<Job> {
  return answered(api.POST("/api/v1/backups"));
}

export function beginRebuild(): Promise<Job> {
  return answered(api.POST("/api/v1/system/rebuild"));
}
