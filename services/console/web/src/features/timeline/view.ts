/** The view's state as it stands in the address, and what follows from it. Pure. */
import { accessKinds } from "@/shared/api/access";
import { z } from "@/shared/api/zod";
import { rangeOf, type Range, type RawRange } from "@/shared/time/range";
import { isZone } from "@/shared/time/wall";

export const FIELDS = ["object", "place", "resource", "operator", "activity", "party", "document"] as const;
export const LANES = ["place", "object", "resource", "operator", "activity"] as const;
export const PANELS = ["density", "lanes", "sensor", "events", "access"] as const;
export const REFRESH = ["off", "live", "auto", "5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"] as const;
export const CROSSHAIRS = ["off", "line", "tooltip"] as const;
export const TYPES = ["ObjectEvent", "TransformationEvent", "AggregationEvent", "AssociationEvent", "TransactionEvent"] as const;

export type Field = (typeof FIELDS)[number];
export type Panel = (typeof PANELS)[number];
export type Lanes = (typeof LANES)[number];

const text = z.string().min(1).max(2048).optional().catch(undefined);
/** Once or several times; what is no text is left out, since a bad address changes nothing. */
const list = z.preprocess((value) => (typeof value === "string" ? [value] : value), z.array(z.string().min(1).max(2048)).max(200)).optional().catch(undefined);
const one = <const T extends readonly [string, ...string[]]>(values: T): z.ZodCatch<z.ZodOptional<z.ZodEnum<{ [K in T[number]]: K }>>> =>
  z.enum(values).optional().catch(undefined);

/** `from`, `to`, `timezone`, `refresh` and `var-…` as in Grafana; `var-not_place` takes out. */
export const timelineSearch = z.object({
  from: text,
  to: text,
  timezone: text,
  refresh: one(REFRESH),
  known_at: text,
  lanes: one(LANES),
  sensor: text,
  order: one(["asc", "desc"]),
  crosshair: one(CROSSHAIRS),
  /** Event types that the density shows; all without. */
  show: list,
  /** Kinds of marks that are hidden. */
  hide: list,
  /** Kinds of records of access that are shown; all without. */
  access: accessKinds,
  /** The event that is open in the table. */
  event: text,
  /** The panel in full view. */
  v: one(PANELS),
  kiosk: one(["true"]),
  "var-object": list, "var-place": list, "var-resource": list, "var-operator": list, "var-activity": list, "var-party": list, "var-document": list,
  "var-not_object": list, "var-not_place": list, "var-not_resource": list, "var-not_operator": list, "var-not_activity": list,
  "var-not_party": list, "var-not_document": list,
});

export type TimelineSearch = z.infer<typeof timelineSearch>;

export interface Filter {
  field: Field;
  value: string;
  not: boolean;
}

/** What the API is asked, apart from what each panel adds. */
export interface Asked extends Partial<Record<Field | `not_${Field}`, string[]>> {
  from?: string;
  to?: string;
  known_at?: string;
}

export function filtersOf(search: TimelineSearch): Filter[] {
  return FIELDS.flatMap((field) => [
    ...(search[`var-${field}`] ?? []).map((value) => ({ field, value, not: false })),
    ...(search[`var-not_${field}`] ?? []).map((value) => ({ field, value, not: true })),
  ]);
}

/** The part of the address that says these filters; each once, and never both is and is not. */
export function searchOf(filters: readonly Filter[]): Partial<TimelineSearch> {
  const found: Partial<TimelineSearch> = {};
  for (const field of FIELDS) {
    const of = (not: boolean): string[] | undefined => {
      const values = [...new Set(filters.filter((one) => one.field === field && one.not === not).map((one) => one.value))];
      return values.length === 0 ? undefined : values;
    };
    found[`var-${field}`] = of(false);
    found[`var-not_${field}`] = of(true);
  }
  return found;
}

/** The filters with one more; the newest word on a value counts. */
export function withFilter(filters: readonly Filter[], added: Filter): Filter[] {
  return [...filters.filter((one) => one.field !== added.field || one.value !== added.value), added];
}

/** IANA name of the zone in force: `browser` (or none, or one unknown here), `utc`, or a name. */
export function zoneOf(timezone: string | undefined): string {
  if (timezone === "utc") return "UTC";
  if (timezone !== undefined && timezone !== "browser" && isZone(timezone)) return timezone;
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The range as written in the address, if it is one: a bad end changes nothing. */
export function rawOf(search: TimelineSearch, now: number): RawRange | null {
  if (search.from === undefined) return null;
  const raw = { from: search.from, to: search.to ?? "now" };
  return rangeOf(raw, now, zoneOf(search.timezone)) === null ? null : raw;
}

export function askedOf(search: TimelineSearch, range: Range | null): Asked {
  const asked: Asked = {};
  for (const { field, value, not } of filtersOf(search)) {
    const name = not ? (`not_${field}` as const) : field;
    asked[name] = [...(asked[name] ?? []), value];
  }
  if (range !== null) {
    asked.from = new Date(range.from).toISOString();
    asked.to = new Date(range.to).toISOString();
  }
  // the text itself, which may have digits beyond milliseconds
  if (search.known_at !== undefined && !Number.isNaN(Date.parse(search.known_at))) asked.known_at = search.known_at;
  return asked;
}

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Milliseconds between refreshes; null for never. `auto` is a thousandth of the span, between 5 s and 5 min. */
export function refreshMs(refresh: TimelineSearch["refresh"], range: Range | null): number | null {
  if (range === null || refresh === undefined || refresh === "off" || refresh === "live") return null;
  if (refresh === "auto") return Math.min(300_000, Math.max(5_000, Math.round((range.to - range.from) / 1_000)));
  return Number(refresh.slice(0, -1)) * (SECONDS[refresh.slice(-1)] ?? 60) * 1_000;
}

const DAY = 86_400_000;
const YEARS = 5 * 365 * DAY;

/**
 * The range of a view whose address names none: with filters all that matches, else the last day if anything happened in
 * it, else the week up to what happened last. A clock that fell back to 1970 does not stretch it.
 */
export function openingRange(first: string | undefined, last: string | undefined, filtered: boolean, now: number): RawRange {
  if (first === undefined || last === undefined) return { from: "now-24h", to: "now" };
  const [begin, end] = [Date.parse(first), Date.parse(last)];
  if (!filtered && now - end < DAY) return { from: "now-24h", to: "now" };
  const from = !filtered ? end - 7 * DAY : end - begin > YEARS ? end - 90 * DAY : begin;
  const margin = Math.max(60_000, Math.round((end - from) * 0.04));
  return { from: new Date(from - margin).toISOString(), to: new Date(end + margin).toISOString() };
}
