/** Time to pixels and back, and things that would stand on each other put together. Pure. */
import type { Range } from "@/shared/time/range";

export interface Axis {
  range: Range;
  /** Pixels of the plot. */
  width: number;
}

export function xOf(axis: Axis, at: number): number {
  return ((at - axis.range.from) / (axis.range.to - axis.range.from)) * axis.width;
}

export function timeOf(axis: Axis, x: number): number {
  const part = Math.min(1, Math.max(0, x / Math.max(axis.width, 1)));
  return Math.round(axis.range.from + part * (axis.range.to - axis.range.from));
}

/** A bar's left edge and width inside the plot, never thinner than a pixel; null when it lies outside. */
export function spanOf(axis: Axis, from: number, to: number): { x: number; width: number } | null {
  if (to < axis.range.from || from > axis.range.to) return null;
  const left = Math.max(0, xOf(axis, from));
  const right = Math.min(axis.width, xOf(axis, to));
  const width = Math.max(1, right - left);
  return { x: Math.min(left, axis.width - width), width };
}

export interface Cluster<T> {
  x: number;
  items: T[];
}

/** Items within `apart` pixels of the first of a group become one group, at their middle. Given in any order. */
export function clustered<T>(axis: Axis, items: readonly T[], at: (item: T) => number, apart: number): Cluster<T>[] {
  const placed = items.map((item) => ({ item, x: xOf(axis, at(item)) })).filter(({ x }) => x >= 0 && x <= axis.width);
  placed.sort((a, b) => a.x - b.x);
  const found: { first: number; last: number; items: T[] }[] = [];
  for (const { item, x } of placed) {
    const group = found.at(-1);
    if (group !== undefined && x - group.first < apart) {
      group.items.push(item);
      group.last = x;
    } else found.push({ first: x, last: x, items: [item] });
  }
  return found.map(({ first, last, items: some }) => ({ x: (first + last) / 2, items: some }));
}
