/** The explorer's view as its address holds it: seeds, direction, instants, filters, what is open, what is selected. */
import type { components } from "@/shared/api/schema.gen";
import { z } from "@/shared/api/zod";

export type Direction = "forward" | "backward";
export type SeedRequest = components["schemas"]["SeedRequest"];

/** A seed as people give it; times are RFC 3339 with an offset. */
export type Seed =
  | { kind: "object" | "product"; key: string }
  | { kind: "container"; key: string; at: string | null }
  | { kind: "place" | "resource"; key: string; from: string; to: string };

const text = z.string().min(1).max(4096).optional().catch(undefined);
/** One value or several; what is no text is left out. */
const list = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (typeof given === "string" ? [given] : given).filter((one) => one !== ""))
  .optional()
  .catch(undefined);

export const TABS = ["objects", "graph", "consignees", "carriers", "stops"] as const;
export type Tab = (typeof TABS)[number];

/** What the address may hold; values it cannot hold are ignored. */
export const RECALL_VIEW = z.object({
  object: list,
  product: list,
  container: list,
  place: list,
  resource: list,
  question: z.string().regex(/^[0-9a-f]{64}$/).optional().catch(undefined),
  direction: z.enum(["forward", "backward"]).optional().catch(undefined),
  known_at: text,
  happened_by: text,
  kind: list,
  state: list,
  at_place: list,
  of_product: list,
  consignee: list,
  certainty: list,
  tab: z.enum(TABS).optional().catch(undefined),
  selected: text,
  focus: text,
  open: list,
  tick: list,
  find: text,
});
export type View = z.infer<typeof RECALL_VIEW>;

export const FACETS = ["certainty", "state", "place", "product", "consignee", "kind"] as const;
export type Facet = (typeof FACETS)[number];
/** `place` and `product` are seeds in the address, so their filters have names of their own. */
const NAME_OF = { certainty: "certainty", state: "state", place: "at_place", product: "of_product", consignee: "consignee", kind: "kind" } as const;

/** The most seeds that an address holds; more are kept by the service under an id. */
export const SEEDS_IN_ADDRESS = 20;

export function directionOf(view: View): Direction {
  return view.direction ?? "forward";
}

export function seedsOf(view: View): Seed[] {
  const windows = (["place", "resource"] as const).flatMap((kind) => (view[kind] ?? []).flatMap((written) => windowOf(kind, written)));
  return [
    ...(view.object ?? []).map((key) => ({ kind: "object" as const, key })),
    ...(view.product ?? []).map((key) => ({ kind: "product" as const, key })),
    ...(view.container ?? []).map(containerOf),
    ...windows,
  ];
}

/** `KEY|FROM|TO`; one without its times names no window and is left out. */
function windowOf(kind: "place" | "resource", written: string): Seed[] {
  const [key, from, to] = fromEnd(written, 2);
  return key === undefined || from === undefined || to === undefined ? [] : [{ kind, key, from, to }];
}

/** `KEY|AT`, or the key alone for what was ever in it. */
function containerOf(written: string): Seed {
  const [key, at] = fromEnd(written, 1);
  return { kind: "container", key: key ?? written, at: at ?? null };
}

function fromEnd(written: string, parts: number): string[] {
  const pieces = written.split("|");
  if (pieces.length <= parts) return [written];
  return [pieces.slice(0, -parts).join("|"), ...pieces.slice(-parts)];
}

/** The part of the address that holds these seeds, replacing all others. */
export function addressOf(seeds: readonly Seed[]): Pick<View, "object" | "product" | "container" | "place" | "resource" | "question"> {
  const of = (kind: Seed["kind"]): string[] | undefined => {
    const written = seeds.filter((seed) => seed.kind === kind).map(writtenOf);
    return written.length === 0 ? undefined : [...new Set(written)];
  };
  return { object: of("object"), product: of("product"), container: of("container"), place: of("place"), resource: of("resource"), question: undefined };
}

function writtenOf(seed: Seed): string {
  if (seed.kind === "container") return seed.at === null ? seed.key : `${seed.key}|${seed.at}`;
  return "from" in seed ? `${seed.key}|${seed.from}|${seed.to}` : seed.key;
}

export function requestOf(seed: Seed): SeedRequest {
  if (seed.kind === "container") return seed.at === null ? { container: seed.key } : { container: seed.key, at: seed.at };
  return "from" in seed ? { [seed.kind]: seed.key, from: seed.from, to: seed.to } : { [seed.kind]: seed.key };
}

export function seedOf(request: SeedRequest): Seed[] {
  if (request.container != null) return [{ kind: "container", key: request.container, at: request.at ?? null }];
  for (const kind of ["place", "resource"] as const) {
    const key = request[kind];
    if (key != null && request.from != null && request.to != null) return [{ kind, key, from: request.from, to: request.to }];
  }
  for (const kind of ["object", "product"] as const) {
    const key = request[kind];
    if (key != null) return [{ kind, key }];
  }
  return [];
}

export function chosen(view: View, facet: Facet): readonly string[] {
  return view[NAME_OF[facet]] ?? [];
}

export function isFiltered(view: View): boolean {
  return FACETS.some((facet) => chosen(view, facet).length > 0);
}

/** The filter with one value added, or taken away if it is there. */
export function toggled(view: View, facet: Facet, value: string): Partial<View> {
  const now = chosen(view, facet);
  const next = now.includes(value) ? now.filter((one) => one !== value) : [...now, value];
  return { [NAME_OF[facet]]: next.length === 0 ? undefined : next };
}

export const NO_FILTER: Partial<View> = { certainty: undefined, state: undefined, at_place: undefined, of_product: undefined, consignee: undefined, kind: undefined };

/** What belongs to one answer and means nothing in the next. */
export const NEW_QUESTION: Partial<View> = { ...NO_FILTER, selected: undefined, focus: undefined, open: undefined, tick: undefined, find: undefined };

export function filterOf(view: View): components["schemas"]["FilterRequest"] | null {
  if (!isFiltered(view)) return null;
  const of = (facet: Facet): string[] => [...chosen(view, facet)];
  return { kind: of("kind"), state: of("state"), place: of("place"), product: of("product"), consignee: of("consignee"), certainty: of("certainty") };
}
