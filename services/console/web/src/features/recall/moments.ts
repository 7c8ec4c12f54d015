/** Instants at which an answer may have changed: what the sliders stop at. Pure; texts are kept to their last digit. */
import type { Entry } from "./api";

export interface Moment {
  at: string;
  /** An event was withdrawn then. */
  correction: boolean;
}

/**
 * When something about these events was recorded: once a capture, since a capture is visible whole or not at all, and
 * when one of them was withdrawn.
 */
export function recordedMoments(entries: readonly Entry[]): Moment[] {
  const last = new Map<string, string>();
  const corrections = new Set<string>();
  for (const entry of entries) {
    if (later(entry.recorded, last.get(entry.received))) last.set(entry.received, entry.recorded);
    if (entry.withdrawn !== null) corrections.add(entry.withdrawn);
  }
  return merged(last.values(), corrections);
}

/** When these events happened; a correction withdraws an event, not a moment. */
export function happenedMoments(entries: readonly Entry[]): Moment[] {
  return merged(entries.filter((entry) => entry.withdrawn === null).map((entry) => entry.time), new Set());
}

function merged(times: Iterable<string>, corrections: ReadonlySet<string>): Moment[] {
  const all = [...new Set([...times, ...corrections])].sort(byInstant);
  return all.map((at) => ({ at, correction: corrections.has(at) }));
}

function later(text: string, than: string | undefined): boolean {
  return than === undefined || byInstant(text, than) > 0;
}

/** By instant, then by the digits that a `Date` does not hold. */
function byInstant(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** The stop at or before an instant; the last one for none. */
export function stopAt(moments: readonly Moment[], at: string | undefined): number {
  if (at === undefined) return moments.length;
  const found = moments.findIndex((moment) => byInstant(moment.at, at) > 0);
  return found === -1 ? moments.length - 1 : Math.max(found - 1, 0);
}
