import { describe, expect, test } from "vitest";
import { readSearch, writeSearch } from "@/shared/api/address";
import { askedOf, filtersOf, openingRange, rawOf, refreshMs, searchOf, timelineSearch, withFilter, zoneOf } from "./view";

const NOW = Date.parse("2026-06-20T06:00:00Z");
const read = (text: string): ReturnType<typeof timelineSearch.parse> => timelineSearch.parse(readSearch(text));

describe("the address", () => {
  test("restores the view, filters repeated", () => {
    const text = "?from=now-6h&to=now&timezone=utc&refresh=5s&lanes=object&var-object=a&var-object=b&var-not_place=%E5%BA%93";
    expect(writeSearch(read(text))).toBe(text);
    expect(filtersOf(read(text))).toEqual([
      { field: "object", value: "a", not: false }, { field: "object", value: "b", not: false }, { field: "place", value: "库", not: true },
    ]);
  });

  test.each(["?refresh=1ms", "?lanes=moon", "?order=sideways", "?v=all", "?var-object=", "?kiosk=1", "?crosshair=&v=x"])("%s changes nothing", (text) => {
    expect(writeSearch(read(text))).toBe("");
  });

  test("a bad end changes nothing, and a beginning alone runs to now", () => {
    expect(rawOf(read("?from=rubbish&to=now"), NOW)).toBeNull();
    expect(rawOf(read("?from=now&to=now-1h"), NOW)).toBeNull();
    expect(rawOf(read("?from=now-1h"), NOW)).toEqual({ from: "now-1h", to: "now" });
    expect(rawOf(read(""), NOW)).toBeNull();
  });
});

test("the newest word on a value counts, and each stands once", () => {
  const filters = withFilter([{ field: "place", value: "x", not: false }], { field: "place", value: "x", not: true });
  expect(searchOf(filters)["var-place"]).toBeUndefined();
  expect(searchOf([...filters, ...filters])["var-not_place"]).toEqual(["x"]);
});

test("what the service is asked has instants, filters and the moment to the letter", () => {
  const search = read("?var-object=a&var-not_activity=shipping&known_at=2026-06-20T05:00:00.123456Z");
  expect(askedOf(search, { from: NOW - 1000, to: NOW })).toEqual({
    object: ["a"], not_activity: ["shipping"], from: "2026-06-20T05:59:59.000Z", to: "2026-06-20T06:00:00.000Z", known_at: "2026-06-20T05:00:00.123456Z",
  });
  expect(askedOf(read("?known_at=someday"), null)).toEqual({});
});

test("a zone is browser's, UTC or one by name; an unknown one is the browser's", () => {
  expect(zoneOf("utc")).toBe("UTC");
  expect(zoneOf("Europe/Berlin")).toBe("Europe/Berlin");
  expect(zoneOf("Mars/Base")).toBe(zoneOf("browser"));
});

test("refreshing is never, so often, or as often as the span asks for", () => {
  const range = { from: NOW - 6 * 3_600_000, to: NOW };
  expect(refreshMs(undefined, range)).toBeNull();
  expect(refreshMs("live", range)).toBeNull();
  expect(refreshMs("1m", range)).toBe(60_000);
  expect(refreshMs("2h", range)).toBe(7_200_000);
  expect(refreshMs("auto", range)).toBe(21_600);
  expect(refreshMs("auto", { from: 0, to: 1_000 })).toBe(5_000);
});

test("a view opens on what there is", () => {
  expect(openingRange(undefined, undefined, false, NOW)).toEqual({ from: "now-24h", to: "now" });
  expect(openingRange("2026-01-01T00:00:00Z", "2026-06-20T05:00:00Z", false, NOW)).toEqual({ from: "now-24h", to: "now" });
  const week = openingRange("1970-01-01T00:00:00Z", "2026-05-01T00:00:00Z", false, NOW);
  expect(week.from < "2026-04-24T00:00:00Z" && week.from > "2026-04-23" && week.to > "2026-05-01").toBe(true);
  const all = openingRange("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z", true, NOW);
  expect(all.from < "2026-04-01" && all.to > "2026-05-01").toBe(true);
  expect(openingRange("1970-01-01T00:00:00Z", "2026-05-01T00:00:00Z", true, NOW).from > "2026-01").toBe(true);
});
