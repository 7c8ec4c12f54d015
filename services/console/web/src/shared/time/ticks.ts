/** Where an axis of time is marked, and how: round readings of the zone's clock, months by their first day. */
import type { Range } from "./range";
import { instantOf, wallOf } from "./wall";

export interface Tick {
  at: number;
  label: string;
  /** A new day (or month, or year): its label is a date. */
  major: boolean;
}

const [S, M, H, D] = [1_000, 60_000, 3_600_000, 86_400_000];
const STEPS = [S, 5 * S, 15 * S, 30 * S, M, 5 * M, 15 * M, 30 * M, H, 3 * H, 6 * H, 12 * H, D, 2 * D, 7 * D];
const MONTHS = [1, 3, 6, 12, 60, 120, 600, 1200, 6000, 12_000];
const MONDAY = 4 * D;

/** Ticks at least `apart` pixels from each other on an axis `width` pixels long. */
export function ticksOf(range: Range, width: number, zone: string, apart = 84): Tick[] {
  const least = ((range.to - range.from) * apart) / Math.max(width, 1);
  const step = STEPS.find((one) => one >= least);
  const found = step === undefined ? byMonth(range, zone, least) : step < H ? exact(range, zone, step) : byClock(range, zone, step);
  return found.filter((one, n) => one.at >= range.from && one.at <= range.to && (n === 0 || one.at > (found[n - 1]?.at ?? 0)));
}

/** Offsets are whole numbers of such steps, so that these stay round across a change of the clock. */
function exact(range: Range, zone: string, step: number): Tick[] {
  const wall = wallOf(range.from, zone);
  const found: Tick[] = [];
  for (let at = range.from - (((wall % step) + step) % step); at <= range.to; at += step) found.push(tick(at, wallOf(at, zone), step));
  return found;
}

function byClock(range: Range, zone: string, step: number): Tick[] {
  const first = wallOf(range.from, zone);
  const found: Tick[] = [];
  const origin = step === 7 * D ? MONDAY : 0;
  for (let wall = first - ((((first - origin) % step) + step) % step); wall <= wallOf(range.to, zone); wall += step) {
    found.push(tick(instantOf(wall, zone), wall, step));
  }
  return found;
}

function byMonth(range: Range, zone: string, least: number): Tick[] {
  const months = MONTHS.find((one) => one * 30 * D >= least) ?? 12_000;
  const first = new Date(wallOf(range.from, zone));
  const found: Tick[] = [];
  let n = first.getUTCFullYear() * 12 + first.getUTCMonth();
  for (n -= ((n % months) + months) % months; ; n += months) {
    const date = new Date(0);
    date.setUTCFullYear(Math.floor(n / 12), ((n % 12) + 12) % 12, 1);
    const at = instantOf(date.getTime(), zone);
    if (at > range.to) return found;
    const text = date.toISOString();
    found.push({ at, label: months >= 12 ? text.slice(0, 4) : text.slice(0, 7), major: n % 12 === 0 });
  }
}

function tick(at: number, wall: number, step: number): Tick {
  const text = new Date(wall).toISOString();
  const midnight = wall % D === 0;
  return { at, label: midnight ? text.slice(5, 10) : text.slice(11, step < M ? 19 : 16), major: midnight };
}

/** Intervals to count in, as the API names them, the shortest whose columns are at least `apart` pixels wide. */
const BUCKETS: readonly [string, number][] = [
  ["1s", S], ["5s", 5 * S], ["15s", 15 * S], ["1m", M], ["5m", 5 * M], ["15m", 15 * M], ["1h", H], ["3h", 3 * H], ["6h", 6 * H], ["12h", 12 * H],
  ["1d", D], ["1w", 7 * D], ["4w", 28 * D], ["26w", 182 * D], ["520w", 3640 * D],
];

export function bucketOf(range: Range, width: number, apart = 8): string {
  const least = ((range.to - range.from) * apart) / Math.max(width, 1);
  return BUCKETS.find(([, ms]) => ms >= least)?.[0] ?? "9999w";
}
