/** Measurements as a band to draw. Pure; the texts of the API stay beside the doubles that are drawn. */
import type { Measurement } from "./types";

export interface Measured {
  at: number;
  time: string;
  event: string;
  value: number;
  low: number;
  high: number;
  valueText: string | null;
  minText: string | null;
  maxText: string | null;
  unit: string | null;
}

export interface Band {
  /** Of the unit that most have, by time. */
  points: Measured[];
  unit: string | null;
  /** Measurements in other units: they have no place on the same scale. */
  others: number;
}

export function bandOf(measurements: readonly Measurement[]): Band {
  const counts = new Map<string | null, number>();
  for (const one of measurements) counts.set(one.unit, (counts.get(one.unit) ?? 0) + 1);
  const unit = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
  const points = measurements.filter((one) => one.unit === unit).flatMap(drawn);
  points.sort((a, b) => a.at - b.at);
  return { points, unit, others: measurements.length - (counts.get(unit) ?? 0) };
}

function drawn(one: Measurement): Measured[] {
  const numbers = [one.value, one.min, one.max].flatMap((text) => (text === null ? [] : [Number(text)])).filter(Number.isFinite);
  if (numbers.length === 0) return [];
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const value = one.value === null ? (low + high) / 2 : Number(one.value);
  return [{ at: Date.parse(one.time), time: one.time, event: one.event, value, low, high, valueText: one.value, minText: one.min, maxText: one.max, unit: one.unit }];
}

/** Index of the point closest to `at`, if it is within `reach` milliseconds; else -1. */
export function nearest(points: readonly Measured[], at: number, reach: number): number {
  let best = -1;
  let least = reach;
  points.forEach((one, n) => {
    const away = Math.abs(one.at - at);
    if (away <= least) [best, least] = [n, away];
  });
  return best;
}
