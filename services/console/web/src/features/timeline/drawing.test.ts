import { describe, expect, test } from "vitest";
import { clustered, spanOf, timeOf, xOf } from "./axis";
import { bandOf, nearest } from "./band";
import { stacked, toggled, totalsOf } from "./columns";
import { barsOf, lengthParts, under, unknownOf } from "./lane-model";
import { gapOf, hiddenAfter, marksOf } from "./marks";
import { momentsOf, stepFrom } from "./moments";
import { pretty } from "./pretty";
import type { Entry, Lane } from "./types";

const axis = { range: { from: 1_000_000, to: 2_000_000 }, width: 500 };
const at = (ms: number): string => new Date(ms).toISOString();
const bar = (from: number, to: number | null, state = "in_stock"): Lane["bars"][number] => ({ from: at(from), to: to === null ? null : at(to), state, process: null });
const lane = (...bars: Lane["bars"]): Lane => ({ lane: "x", bars, points: [] });

describe("an axis", () => {
  test("time and pixels are each other's inverse", () => {
    expect(timeOf(axis, xOf(axis, 1_250_000))).toBe(1_250_000);
    expect([timeOf(axis, -5), timeOf(axis, 900)]).toEqual([1_000_000, 2_000_000]);
  });

  test("what is shorter than a pixel is a pixel, at the edges too", () => {
    expect(spanOf(axis, 1_500_000, 1_500_001)?.width).toBe(1);
    expect(spanOf(axis, 2_000_000, 2_000_000)).toEqual({ x: 499, width: 1 });
    expect(spanOf(axis, 0, 3_000_000)).toEqual({ x: 0, width: 500 });
    expect(spanOf(axis, 0, 999_999)).toBeNull();
  });

  test("what would stand on each other is one group that knows all of its own", () => {
    const groups = clustered(axis, [1_900_000, 1_000_000, 1_004_000, 5], (one) => one, 10);
    expect(groups.map((one) => one.items)).toEqual([[1_000_000, 1_004_000], [1_900_000]]);
  });
});

describe("lanes", () => {
  test("a state that lasts stops at now, and not at the axis' end", () => {
    expect(barsOf(axis, lane(bar(500_000, null)), 1_500_000)[0]).toMatchObject({ x: 0, width: 250, to: null });
  });

  test("before the first state nothing is known; a state carried in leaves nothing unknown", () => {
    expect(unknownOf(axis, lane(bar(1_500_000, null)), 3_000_000)).toEqual({ x: 0, width: 250 });
    expect(unknownOf(axis, lane(bar(1_000_000, null)), 3_000_000)).toBeNull();
    expect(unknownOf(axis, lane(), 1_500_000)).toEqual({ x: 0, width: 250 });
  });

  test("thin states under the pointer are all told with their true ends", () => {
    const bars = barsOf(axis, lane(bar(1_500_000, 1_500_100, "in_stock"), bar(1_500_100, 1_500_200, "in_transit")), 3_000_000);
    expect(under(bars, [], 250).bars.map((one) => [one.from, one.to])).toEqual([[1_500_000, 1_500_100], [1_500_100, 1_500_200]]);
  });

  test("lengths are told in two units", () => {
    expect(lengthParts(183_900_000)).toEqual([[2, "d"], [3, "h"]]);
    expect(lengthParts(0)).toEqual([[0, "s"]]);
  });
});

describe("density", () => {
  const bucket = { from: "2026-06-20T00:00:00+08:00", to: "2026-06-20T01:00:00+08:00", events: 5, types: { ObjectEvent: 3, AggregationEvent: 2 } };

  test("columns stand on each other and totals are the service's", () => {
    expect(stacked([bucket], ["ObjectEvent", "AggregationEvent"])[0]?.parts).toEqual([
      { type: "ObjectEvent", below: 0, events: 3 }, { type: "AggregationEvent", below: 3, events: 2 },
    ]);
    expect(totalsOf([bucket, bucket])).toEqual({ events: 10, types: { ObjectEvent: 6, AggregationEvent: 4 } });
  });

  test("a click in the legend isolates, again restores; with a key it toggles one", () => {
    const all = ["a", "b", "c"];
    expect(toggled(all, undefined, "b", false)).toEqual(["b"]);
    expect(toggled(all, ["b"], "b", false)).toBeUndefined();
    expect(toggled(all, ["b"], "a", false)).toEqual(["a"]);
    expect(toggled(all, undefined, "b", true)).toEqual(["a", "c"]);
    expect(toggled(all, ["a", "c"], "b", true)).toBeUndefined();
    expect(toggled(all, ["a"], "a", true)).toBeUndefined();
  });
});

test("a band is of one unit, and says what it leaves out", () => {
  const one = { time: at(1_000), event: "e", value: "247.5", min: "244", max: "251", unit: "CEL" };
  const band = bandOf([one, { ...one, time: at(500), value: null }, { ...one, unit: "FAH" }, { ...one, value: null, min: null, max: null }]);
  expect(band).toMatchObject({ unit: "CEL", others: 1 });
  expect(band.points.map((point) => [point.at, point.value, point.low, point.high])).toEqual([[500, 247.5, 244, 251], [1_000, 247.5, 244, 251]]);
  expect([nearest(band.points, 700, 500), nearest(band.points, 9_000, 500)]).toEqual([0, -1]);
});

test("marks are those of kinds that are known and not hidden", () => {
  const told = { kind: "gap" as const, from: at(0), to: null, event: null, recorded: null, actor: null, source: "s", reason: null };
  expect(marksOf([told], undefined)).toHaveLength(1);
  expect(marksOf([told], ["gap"])).toEqual([]);
  expect(hiddenAfter(hiddenAfter(undefined, "gap"), "gap")).toBeUndefined();
  expect([gapOf({ from: 0, to: 86_400_000 }), gapOf({ from: 0, to: 7 * 86_400_000 })]).toEqual(["2h", "1d"]);
});

test("the slider stops at each moment, corrections and the one before them among the first", () => {
  const entry = (recorded: string, more: Partial<Entry> = {}): Entry => ({ recorded, corrected_by: [], corrects: [], ...more }) as Entry;
  const many = Array.from({ length: 1_200 }, (_, n) => entry(`2026-06-20T00:00:00.${String(n + 1).padStart(6, "0")}Z`));
  const correction = "2026-06-20T00:00:00.000777Z";
  const moments = momentsOf([...many, entry("2026-06-20T00:00:00Z", { corrected_by: [{ recorded: correction, declared: "", reason: null, instead: [], actor: "", effective: true }] })]);
  expect(moments.length).toBeLessThan(510);
  expect(moments).toContain(correction);
  expect(moments).toContain("2026-06-20T00:00:00.000776Z");
  expect(moments).toEqual([...moments].sort());
  expect(moments[stepFrom(moments, correction)]).toBe(correction);
  expect(stepFrom(moments, "2020-01-01T00:00:00Z")).toBe(0);
});

test("an event is shown with line breaks, its numbers and texts to the letter", () => {
  expect(pretty('{"a":1.10,"b":[],"c":["x, {y}: \\"z\\"",1e400]}')).toBe('{\n  "a": 1.10,\n  "b": [],\n  "c": [\n    "x, {y}: \\"z\\"",\n    1e400\n  ]\n}');
});
