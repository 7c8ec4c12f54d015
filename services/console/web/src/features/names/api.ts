/** Names and master data, and which places and parties are one's own: both are records of the log. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answered, api } from "@/shared/api/client";
import type { components } from "@/shared/api/schema.gen";

export type Named = components["schemas"]["NameRead"];
export type Entry = components["schemas"]["Named"];
export type Kind = NonNullable<Entry["kind"]>;

const PAGE = 100;

/** Names of a kind in which the text stands, by key; every one without both. */
export const namesQuery = (kind: Kind | undefined, q: string) => infiniteQueryOptions({
  queryKey: ["names", kind ?? null, q],
  queryFn: ({ pageParam }) => {
    const query = { limit: PAGE, ...(kind === undefined ? {} : { kind }), ...(q === "" ? {} : { q }), ...(pageParam === "" ? {} : { after: pageParam }) };
    return answered(api.GET("/api/v1/names", { params: { query } }));
  },
  initialPageParam: "",
  getNextPageParam: (last) => last.next ?? undefined,
});

export const ownQuery = queryOptions({
  queryKey: ["own"],
  queryFn: async () => (await answered(api.GET("/api/v1/own"))).own,
});

/** Records an entry, and waits until questions are answered with it. */
export async function setName(entry: Entry): Promise<void> {
  const { response } = await api.PUT("/api/v1/names", { body: entry });
  const position = response.headers.get("stemma-position");
  if (position === null) return;
  await api.GET("/api/v1/names", { params: { query: { id: [entry.id], limit: 1 }, header: { "Stemma-Wait-For": position } } });
}
