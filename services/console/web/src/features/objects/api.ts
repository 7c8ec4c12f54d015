/** One object, what is one step from it, and what a text is a part of. */
import { queryOptions } from "@tanstack/react-query";
import { answered, api } from "@/shared/api/client";
import type { components } from "@/shared/api/schema.gen";

export type ObjectRead = components["schemas"]["ObjectRead"];
export type Found = components["schemas"]["Found"];
export type Inspection = components["schemas"]["Inspection"];
export type Characteristic = components["schemas"]["Characteristic"];
export type Stay = components["schemas"]["Stay"];
export type LastEvent = components["schemas"]["LastEvent"];
export type Balance = components["schemas"]["BalanceRead"];
export type Trace = components["schemas"]["Trace"];

/** What limits a question; empty for everything known now. */
export interface Limits {
  known_at?: string | undefined;
  happened_by?: string | undefined;
}

export const FOUND = 100;
export const NEAR = 8;

/** Limits as the API is asked: what is not set is left out. */
function given(limits: Limits): { known_at?: string; happened_by?: string } {
  return {
    ...(limits.known_at === undefined ? {} : { known_at: limits.known_at }),
    ...(limits.happened_by === undefined ? {} : { happened_by: limits.happened_by }),
  };
}

export const objectQuery = (id: string, limits: Limits) => queryOptions({
  queryKey: ["object", id, limits.known_at ?? null, limits.happened_by ?? null],
  queryFn: () => answered(api.GET("/api/v1/object", { params: { query: { id, ...given(limits) } } })),
});

export const searchQuery = (q: string) => queryOptions({
  queryKey: ["search", q],
  queryFn: async () => (await answered(api.GET("/api/v1/search", { params: { query: { q, limit: FOUND } } }))).found,
});

export const neighboursQuery = (object: string, direction: "forward" | "backward", limits: Limits) => queryOptions({
  queryKey: ["neighbours", object, direction, limits.known_at ?? null, limits.happened_by ?? null],
  queryFn: () => answered(api.GET("/api/v1/neighbours", { params: { query: { object, direction, limit: NEAR + 1, ...given(limits) } } })),
});

/** Everything that the log has of an object, as a ZIP that is checked with Python alone. */
export async function evidenceOf(object: string, limits: Limits): Promise<Blob> {
  const none: string[] = [];
  const asked = { object: [object], activity: none, document: none, operator: none, party: none, place: none, resource: none, ...given(limits) };
  const { data } = await api.POST("/api/v1/evidence", { body: asked, parseAs: "blob" });
  if (!(data instanceof Blob)) throw new Error("no file came");
  return data;
}
