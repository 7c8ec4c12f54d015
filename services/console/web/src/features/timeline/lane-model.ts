/** Lanes as they are drawn: bars inside the range, what is unknown, events put together. Pure. */
import { clustered, spanOf, type Axis, type Cluster } from "./axis";
import type { Bar, Lane } from "./types";

export interface Shown {
  bar: Bar;
  from: number;
  /** Null while it lasts; it is drawn to now. */
  to: number | null;
  x: number;
  width: number;
}

/** Bars of a lane, each at least a pixel wide; one that lasts ends at `now`, for nothing is known of later. */
export function barsOf(axis: Axis, lane: Lane, now: number): Shown[] {
  return lane.bars.flatMap((bar) => {
    const from = Date.parse(bar.from);
    const to = bar.to === null ? null : Date.parse(bar.to);
    const span = spanOf(axis, from, to ?? Math.max(from, now));
    return span === null ? [] : [{ bar, from, to, ...span }];
  });
}

/** The part of an object's lane of which nothing is known: before its first state. */
export function unknownOf(axis: Axis, lane: Lane, now: number): { x: number; width: number } | null {
  const first = lane.bars[0] === undefined ? now : Date.parse(lane.bars[0].from);
  return first <= axis.range.from ? null : spanOf(axis, axis.range.from, Math.min(first, now, axis.range.to));
}

export type Point = Lane["points"][number];

export function pointsOf(axis: Axis, lane: Lane): Cluster<Point>[] {
  return clustered(axis, lane.points, (point) => Date.parse(point.time), 17);
}

/** What stands at `x`, for a tooltip: bars that touch it, though they are thinner than the pointer, and events close by. */
export function under(bars: readonly Shown[], points: readonly Cluster<Point>[], x: number): { bars: Shown[]; points: Point[] } {
  return {
    bars: bars.filter((one) => x >= one.x - 1 && x <= one.x + one.width + 1),
    points: points.filter((one) => Math.abs(one.x - x) <= 9).flatMap((one) => one.items),
  };
}

/** How long something was, exactly in its two largest units: `2 d 3 h`. */
export function lengthParts(ms: number): [number, "d" | "h" | "min" | "s"][] {
  const units = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1_000]] as const;
  const parts: [number, "d" | "h" | "min" | "s"][] = [];
  let left = Math.max(0, Math.round(ms / 1_000) * 1_000);
  for (const [unit, size] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0 || (unit === "s" && parts.length === 0)) parts.push([count, unit]);
  }
  return parts.slice(0, 2);
}
