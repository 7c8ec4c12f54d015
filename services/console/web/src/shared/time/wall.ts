/** Wall clocks: what a zone's clock shows at an instant, and the instant of what it shows. Milliseconds; only Intl is asked. */

const clocks = new Map<string, Intl.DateTimeFormat>();
const DAY = 86_400_000;

function clockOf(zone: string): Intl.DateTimeFormat {
  const kept = clocks.get(zone);
  if (kept !== undefined) return kept;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, calendar: "iso8601", numberingSystem: "latn", era: "short", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23",
  });
  clocks.set(zone, made);
  return made;
}

/** True for a zone that this browser knows. */
export function isZone(zone: string): boolean {
  try {
    clockOf(zone);
    return zone !== "";
  } catch {
    return false;
  }
}

/** Instants of which Intl and `Date` can tell more than a day around. */
export function isInstant(ms: number): boolean {
  return Number.isSafeInteger(ms) && Math.abs(ms) < 8.64e15 - 2 * DAY;
}

/** What the zone's clock shows at an instant, as the UTC milliseconds that show the same. */
export function wallOf(ms: number, zone: string): number {
  const of: Partial<Record<string, string>> = {};
  for (const part of clockOf(zone).formatToParts(ms)) of[part.type] = part.value;
  const year = Number(of["year"]) * 1;
  const date = new Date(0);
  date.setUTCFullYear(of["era"]?.startsWith("B") === true ? 1 - year : year, Number(of["month"]) - 1, Number(of["day"]));
  date.setUTCHours(Number(of["hour"]), Number(of["minute"]), Number(of["second"]), ((ms % 1000) + 1000) % 1000);
  return date.getTime();
}

/**
 * The instant at which the zone's clock shows `wall`. Shown twice (the clock went back): the first. Never shown (it went
 * forward): as if the clock had not yet been moved, which of a missing midnight is the day's first instant.
 */
export function instantOf(wall: number, zone: string): number {
  const before = wall - (wallOf(wall - DAY, zone) - (wall - DAY));
  const after = wall - (wallOf(wall + DAY, zone) - (wall + DAY));
  const shown = [before, after].filter((one) => wallOf(one, zone) === wall);
  return shown.length === 0 ? before : Math.min(...shown);
}

/** Minutes east of Greenwich at an instant, as `+08:00`. */
export function offsetText(ms: number, zone: string): string {
  const minutes = Math.round((wallOf(ms, zone) - ms) / 60_000);
  const two = (count: number): string => String(count).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** An RFC 3339 time of the API as the zone's clock shows it, with the zone's offset and every digit of the second. */
export function inZone(instant: string, zone: string): string {
  const fraction = /:\d{2}(\.\d+)/.exec(instant)?.[1] ?? "";
  const ms = Date.parse(instant);
  if (!isInstant(ms)) return instant;
  return `${new Date(wallOf(ms, zone)).toISOString().slice(0, -5)}${fraction}${offsetText(ms, zone)}`;
}
