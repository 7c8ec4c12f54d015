/** Names and master data, and which places and parties are one's own: both are records of the log. */
import { queryOptions } from "@tanstack/react-query";
import { answered, api } from "@/shared/api/client";
import type { components } from "@/shared/api/schema.gen";

export type Named = components["schemas"]["NameRead"];

const NAMES = ["names"] as const;
const OWN = ["own"] as const;
const WAIT = "Stemma-Wait-For";

export const namesQuery = queryOptions({
  queryKey: NAMES,
  queryFn: async () => (await answered(api.GET("/api/v1/names"))).names,
});

export const ownQuery = queryOptions({
  queryKey: OWN,
  queryFn: async () => (await answered(api.GET("/api/v1/own"))).own,
});

export interface Entry {
  id: string;
  zh: string | null;
  en: string | null;
  unit: string | null;
  contact: string | null;
}

/** Records an entry; the names as they then are, read once the service has reached that record. */
export async function setName(entry: Entry): Promise<Named[]> {
  const { response } = await api.PUT("/api/v1/names", { body: entry });
  const position = response.headers.get("stemma-position");
  const params = position === null ? {} : { params: { header: { [WAIT]: position } } };
  return (await answered(api.GET("/api/v1/names", params))).names;
}

/** Records the whole list of one's own places and parties. */
export async function setOwn(own: string[]): Promise<string[]> {
  await api.PUT("/api/v1/own", { body: { own } });
  return own;
}
