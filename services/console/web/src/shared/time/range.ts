/**
 * Ranges of time as people write them: `now-6h`, `now-1d/d`, a date, an instant, milliseconds since 1970. The text is kept
 * as written and the instants are derived, so that "the last six hours" goes on meaning that.
 */
import { instantOf, isInstant, wallOf } from "./wall";

/** Both ends as written. */
export interface RawRange {
  from: string;
  to: string;
}

/** Milliseconds since 1970, both included. */
export interface Range {
  from: number;
  to: number;
}

type Unit = "s" | "m" | "h" | "d" | "w" | "M" | "Q" | "y";
const EXACT: Partial<Record<Unit, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const DAY = 86_400_000;

/** What the list of relative ranges offers. */
export const RELATIVE: readonly RawRange[] = [
  { from: "now-5m", to: "now" }, { from: "now-15m", to: "now" }, { from: "now-1h", to: "now" }, { from: "now-6h", to: "now" },
  { from: "now-12h", to: "now" }, { from: "now-24h", to: "now" }, { from: "now-2d", to: "now" }, { from: "now-7d", to: "now" },
  { from: "now-30d", to: "now" }, { from: "now-90d", to: "now" }, { from: "now-6M", to: "now" }, { from: "now-1y", to: "now" },
  { from: "now/d", to: "now/d" }, { from: "now-1d/d", to: "now-1d/d" }, { from: "now/w", to: "now/w" }, { from: "now-1w/w", to: "now-1w/w" },
  { from: "now/M", to: "now/M" }, { from: "now-1M/M", to: "now-1M/M" }, { from: "now/y", to: "now/y" },
];

/** A relative text's steps, in order; null for any other text. */
function stepsOf(text: string): { sign: string; count: number; unit: Unit }[] | null {
  if (!/^now(?:[+-]\d{1,6}[smhdwMQy]|\/[smhdwMQy])*$/.test(text)) return null;
  return [...text.matchAll(/([+\-/])(\d*)([smhdwMQy])/g)].map(([, sign, count, unit]) => ({
    sign: sign ?? "", count: Number(count), unit: unit as Unit,
  }));
}

/** True for `now` and what is counted from it. */
export function isRelative(text: string): boolean {
  return stepsOf(text.trim()) !== null;
}

/** The clock's reading, moved by calendar units; the 31st moved into a shorter month is its last day. */
function moved(wall: number, count: number, unit: Unit): number {
  if (unit === "d" || unit === "w") return wall + count * DAY * (unit === "w" ? 7 : 1);
  const months = count * (unit === "M" ? 1 : unit === "Q" ? 3 : 12);
  const date = new Date(wall);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}

/** The beginning of the unit that the clock's reading lies in; weeks begin on Monday. */
function floored(wall: number, unit: Unit): number {
  const date = new Date(wall);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const day = wall - (((wall % DAY) + DAY) % DAY);
  if (unit === "w") return day - ((date.getUTCDay() + 6) % 7) * DAY;
  if (unit === "M") return Date.UTC(year, month, 1);
  if (unit === "Q") return Date.UTC(year, month - (month % 3), 1);
  if (unit === "y") return Date.UTC(year, 0, 1);
  return day;
}

/** First instant of the unit around `ms`, or with `up` its last millisecond. */
function rounded(ms: number, unit: Unit, zone: string, up: boolean): number {
  const exact = EXACT[unit];
  const wall = wallOf(ms, zone);
  if (exact !== undefined) {
    const start = ms - (((wall % exact) + exact) % exact);
    return up ? start + exact - 1 : start;
  }
  const start = floored(wall, unit);
  return up ? instantOf(moved(start, 1, unit), zone) - 1 : instantOf(start, zone);
}

function relative(steps: readonly { sign: string; count: number; unit: Unit }[], now: number, zone: string, up: boolean): number {
  let ms = now;
  for (const { sign, count, unit } of steps) {
    const exact = EXACT[unit];
    const many = sign === "-" ? -count : count;
    if (sign === "/") ms = rounded(ms, unit, zone, up);
    else if (exact !== undefined) ms += many * exact;
    else ms = instantOf(moved(wallOf(ms, zone), many, unit), zone);
    if (!isInstant(ms)) return Number.NaN;
  }
  return ms;
}

const WRITTEN = /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** A date or time as written; without an offset it is what the zone's clock shows. A date or month alone, as an end, is its last millisecond. */
function written(text: string, zone: string, up: boolean): number {
  const match = WRITTEN.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  if (offset !== undefined && hour === undefined) return Number.NaN;
  const ms = Number((fraction ?? "").padEnd(3, "0").slice(0, 3));
  const numbers = [year, month, day ?? "1", hour ?? "0", minute ?? "0", second ?? "0"].map(Number) as [number, number, number, number, number, number];
  const wall = Date.UTC(numbers[0], numbers[1] - 1, ...(numbers.slice(2) as [number, number, number, number]), ms);
  const shown = new Date(wall).toISOString();
  const same = shown.slice(0, 19) === `${year ?? ""}-${month ?? ""}-${day ?? "01"}T${hour ?? "00"}:${minute ?? "00"}:${second ?? "00"}`;
  if (!same) return Number.NaN;
  if (offset !== undefined) {
    const east = /^z$/i.test(offset) ? 0 : Number(`${offset[0] ?? ""}1`) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2)));
    return wall - east * 60_000;
  }
  const whole: Unit | null = hour !== undefined ? null : day !== undefined ? "d" : "M";
  return up && whole !== null ? instantOf(moved(wall, 1, whole), zone) - 1 : instantOf(wall, zone);
}

/** The instant that a text stands for, as the beginning of a range or (`up`) its end; null for what is none. */
export function instantFrom(text: string, now: number, zone: string, up = false): number | null {
  const given = text.trim();
  const steps = stepsOf(given);
  const ms = steps !== null ? relative(steps, now, zone, up) : /^-?\d{5,16}$/.test(given) ? Number(given) : written(given, zone, up);
  return isInstant(ms) ? ms : null;
}

/** The instants of a range; null when an end is none or the end is not after the beginning. */
export function rangeOf(raw: RawRange, now: number, zone: string): Range | null {
  const from = instantFrom(raw.from, now, zone);
  const to = instantFrom(raw.to, now, zone, true);
  return from === null || to === null || from >= to ? null : { from, to };
}

/** `13h` is the last thirteen hours; `now-6h` what it says up to now; a range with its two ends as written. Null for anything else. */
export function rangeFrom(text: string): RawRange | null {
  const given = text.trim();
  const free = /^-?(\d{1,6})\s*([smhdwMQy])$/.exec(given);
  if (free !== null) return { from: `now-${free[1] ?? ""}${free[2] ?? ""}`, to: "now" };
  if (isRelative(given) && given !== "now") return { from: given, to: given.includes("/") ? given : "now" };
  const [from, to, ...more] = given.split(/\s+(?:to|→|~|至|到)\s+/);
  return from !== undefined && to !== undefined && more.length === 0 ? { from, to } : null;
}

/** A range fixed to its instants. */
export function absolute(range: Range): RawRange {
  return { from: new Date(range.from).toISOString(), to: new Date(range.to).toISOString() };
}

/** The same centre, `times` the span; never shorter than a second. */
export function scaled(range: Range, times: number): Range {
  const half = Math.max(500, ((range.to - range.from) * times) / 2);
  const centre = (range.from + range.to) / 2;
  return bounded({ from: Math.round(centre - half), to: Math.round(centre + half) });
}

/** Moved by a part of its span: `-0.5` is half a span earlier. */
export function shifted(range: Range, part: number): Range {
  const by = Math.round((range.to - range.from) * part);
  return bounded({ from: range.from + by, to: range.to + by });
}

/** Years of four digits, as `written` reads them. */
function bounded(range: Range): Range {
  return { from: Math.max(range.from, Date.UTC(1000, 0, 1)), to: Math.min(range.to, Date.UTC(9999, 11, 30)) };
}

/** A range as copied: JSON, as Grafana's own clipboard has it. */
export function copied(raw: RawRange): string {
  return JSON.stringify({ from: raw.from, to: raw.to });
}

/** A range from the clipboard: the JSON of `copied`, or any text that `rangeFrom` reads; null for what is none at `now`. */
export function pasted(text: string, now: number, zone: string): RawRange | null {
  let raw: RawRange | null = null;
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === "object" && read !== null && "from" in read && "to" in read) {
      if (typeof read.from === "string" && typeof read.to === "string") raw = { from: read.from, to: read.to };
    }
  } catch {
    raw = null;
  }
  raw ??= rangeFrom(text);
  return raw !== null && rangeOf(raw, now, zone) !== null ? raw : null;
}
