/** Moments at which something became known. RFC 3339 in UTC as the service writes it. Pure. */
import type { Entry } from "./types";

/** Texts in UTC compare as instants once the `Z` is off: a missing fraction is the least. */
function before(a: string, b: string): number {
  const [x, y] = [a.slice(0, -1), b.slice(0, -1)];
  return x < y ? -1 : x > y ? 1 : 0;
}

const MOST = 500;

/**
 * When these were recorded, withdrawn and corrected, each once, in order. Many at once are thinned out, but never the moments of
 * corrections: those are what one looks for. Each is the last instant of what was then recorded.
 */
export function momentsOf(entries: readonly Entry[]): string[] {
  const corrections = new Set(entries.flatMap((one) => [
    ...one.corrected_by.map((other) => other.recorded), ...(one.corrects.length > 0 ? [one.recorded] : []),
  ]));
  const recorded = [...new Set(entries.map((one) => one.recorded))].sort(before);
  const every = Math.max(1, Math.ceil(recorded.length / MOST));
  const kept = recorded.filter((_, n) => n % every === every - 1);
  // the instant just before a correction is the one to compare with
  const beside = [...corrections].flatMap((moment) => { const earlier = recorded.findLast((one) => before(one, moment) < 0); return earlier === undefined ? [] : [earlier]; });
  return [...new Set([...kept, ...corrections, ...beside])].sort(before);
}

/** Index of the last moment that is not after `at`; 0 when all are. */
export function stepFrom(moments: readonly string[], at: string): number {
  const found = moments.findLastIndex((one) => Date.parse(one) < Date.parse(at) || one === at || (Date.parse(one) === Date.parse(at) && before(one, at) <= 0));
  return Math.max(0, found);
}
