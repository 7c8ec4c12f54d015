/** Columns of the density: counts of the service, stacked by event type; and what a click in the legend shows. Pure. */
import type { Bucket } from "./types";

export interface Column {
  from: number;
  to: number;
  events: number;
  /** From below. */
  parts: { type: string; below: number; events: number }[];
}

export function totalsOf(buckets: readonly Bucket[]): { events: number; types: Record<string, number> } {
  const types: Record<string, number> = {};
  let events = 0;
  for (const bucket of buckets) {
    events += bucket.events;
    for (const [type, count] of Object.entries(bucket.types)) types[type] = (types[type] ?? 0) + count;
  }
  return { events, types };
}

export function stacked(buckets: readonly Bucket[], shown: readonly string[]): Column[] {
  return buckets.map((bucket) => {
    const parts: Column["parts"] = [];
    let below = 0;
    for (const type of shown) {
      const events = bucket.types[type] ?? 0;
      if (events > 0) parts.push({ type, below, events });
      below += events;
    }
    return { from: Date.parse(bucket.from), to: Date.parse(bucket.to), events: below, parts };
  });
}

/** What is shown after a click: alone, or all again; `single` adds or takes one. Undefined is all. */
export function toggled(all: readonly string[], shown: readonly string[] | undefined, clicked: string, single: boolean): string[] | undefined {
  const now = all.filter((one) => shown === undefined || shown.includes(one));
  if (!single) return now.length === 1 && now[0] === clicked ? undefined : [clicked];
  const next = now.includes(clicked) ? now.filter((one) => one !== clicked) : all.filter((one) => one === clicked || now.includes(one));
  return next.length === 0 || next.length === all.length ? undefined : next;
}
