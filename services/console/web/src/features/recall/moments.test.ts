import { expect, test } from "vitest";
import type { Entry } from "./api";
import { happenedMoments, recordedMoments, stopAt } from "./moments";

function entry(time: string, recorded: string, received: string, withdrawn: string | null = null): Entry {
  return {
    event: `${time} ${recorded}`, time, recorded, received, withdrawn, type: "ObjectEvent", action: null, activity: null, disposition: null, place: null, read_point: null, location: null,
    process: null, resources: [], operator: null, result: null, objects: [], documents: [], sources: [], destinations: [], actor: "", source: "", device: null, corrected_by: [], corrects: [],
    conflicts: 0, by_way_of: [], flags: [],
  };
}

const ENTRIES = [
  entry("2026-06-01T00:00:00Z", "2026-06-02T00:00:00.000001Z", "2026-06-02T00:00:00Z"),
  entry("2026-06-01T01:00:00Z", "2026-06-02T00:00:00.000002Z", "2026-06-02T00:00:00Z", "2026-06-05T00:00:00Z"),
  entry("2026-06-03T00:00:00Z", "2026-06-04T00:00:00Z", "2026-06-04T00:00:00Z"),
];

test("a capture is one moment, its last record; a withdrawal is a moment and marked", () => {
  expect(recordedMoments(ENTRIES)).toEqual([
    { at: "2026-06-02T00:00:00.000002Z", correction: false },
    { at: "2026-06-04T00:00:00Z", correction: false },
    { at: "2026-06-05T00:00:00Z", correction: true },
  ]);
});

test("what was withdrawn did not happen", () => {
  expect(happenedMoments(ENTRIES).map((moment) => moment.at)).toEqual(["2026-06-01T00:00:00Z", "2026-06-03T00:00:00Z"]);
});

test("the slider stands at the stop at or before an instant, and beyond the last for now", () => {
  const moments = recordedMoments(ENTRIES);
  expect(stopAt(moments, undefined)).toBe(3);
  expect(stopAt(moments, "2026-06-04T12:00:00Z")).toBe(1);
  expect(stopAt(moments, "2026-06-02T00:00:00.000002Z")).toBe(0);
});
