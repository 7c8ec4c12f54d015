/** What needs attention, and what was recorded last. */
import { queryOptions } from "@tanstack/react-query";
import { answered, api } from "@/shared/api/client";
import type { components } from "@/shared/api/schema.gen";

export type Need = components["schemas"]["NeedRead"];
export type Entry = components["schemas"]["Entry"];

const LAST = 8;

export const attentionQuery = queryOptions({
  queryKey: ["attention"],
  queryFn: () => answered(api.GET("/api/v1/attention")),
  refetchInterval: 60_000,
});

export const lastEventsQuery = queryOptions({
  queryKey: ["timeline", "last"],
  queryFn: () => answered(api.GET("/api/v1/timeline", { params: { query: { order: "desc", limit: LAST } } })),
});
