import { describe, expect, test } from "vitest";
import { absolute, copied, instantFrom, isRelative, pasted, RELATIVE, rangeFrom, rangeOf, scaled, shifted } from "./range";

const NOW = Date.parse("2026-06-20T06:03:22.500Z");
const SHANGHAI = "Asia/Shanghai";
const at = (text: string, zone = "UTC", up = false, now = NOW): string | null => {
  const found = instantFrom(text, now, zone, up);
  return found === null ? null : new Date(found).toISOString();
};
const hours = (raw: { from: string; to: string }, zone: string, now: string): number => {
  const range = rangeOf(raw, Date.parse(now), zone);
  return range === null ? Number.NaN : (range.to - range.from + 1) / 3_600_000;
};

describe("relative texts", () => {
  test.each([
    ["now", "2026-06-20T06:03:22.500Z"],
    ["now-6h", "2026-06-20T00:03:22.500Z"],
    ["now-90s", "2026-06-20T06:01:52.500Z"],
    ["now+15m", "2026-06-20T06:18:22.500Z"],
    ["now-1d", "2026-06-19T06:03:22.500Z"],
    ["now-2w", "2026-06-06T06:03:22.500Z"],
    ["now-1M", "2026-05-20T06:03:22.500Z"],
    ["now-1Q", "2026-03-20T06:03:22.500Z"],
    ["now-1y", "2025-06-20T06:03:22.500Z"],
    ["now-1d-2h", "2026-06-19T04:03:22.500Z"],
    [" now-6h ", "2026-06-20T00:03:22.500Z"],
  ])("%s", (text, expected) => {
    expect(at(text)).toBe(expected);
  });

  test.each([
    ["now/m", "2026-06-20T06:03:00.000Z", "2026-06-20T06:03:59.999Z"],
    ["now/h", "2026-06-20T06:00:00.000Z", "2026-06-20T06:59:59.999Z"],
    ["now/d", "2026-06-20T00:00:00.000Z", "2026-06-20T23:59:59.999Z"],
    ["now-1d/d", "2026-06-19T00:00:00.000Z", "2026-06-19T23:59:59.999Z"],
    ["now/w", "2026-06-15T00:00:00.000Z", "2026-06-21T23:59:59.999Z"],
    ["now/M", "2026-06-01T00:00:00.000Z", "2026-06-30T23:59:59.999Z"],
    ["now/Q", "2026-04-01T00:00:00.000Z", "2026-06-30T23:59:59.999Z"],
    ["now/y", "2026-01-01T00:00:00.000Z", "2026-12-31T23:59:59.999Z"],
    ["now/d+8h", "2026-06-20T08:00:00.000Z", "2026-06-21T07:59:59.999Z"],
  ])("%s rounds down as a beginning and up as an end", (text, down, up) => {
    expect(at(text)).toBe(down);
    expect(at(text, "UTC", true)).toBe(up);
  });

  test("a month back from the 31st is the shorter month's last day", () => {
    expect(at("now-1M", "UTC", false, Date.parse("2026-03-31T12:00:00Z"))).toBe("2026-02-28T12:00:00.000Z");
    expect(at("now-1y", "UTC", false, Date.parse("2024-02-29T12:00:00Z"))).toBe("2023-02-28T12:00:00.000Z");
  });

  test("a day is the zone's, not Greenwich's", () => {
    expect(at("now/d", SHANGHAI)).toBe("2026-06-19T16:00:00.000Z");
    expect(at("now/d", SHANGHAI, true)).toBe("2026-06-20T15:59:59.999Z");
    expect(at("now/h", "Asia/Kolkata")).toBe("2026-06-20T05:30:00.000Z");
  });
});

describe("days of 23 and 25 hours", () => {
  test.each([
    ["Europe/Berlin", "2026-03-29T10:00:00Z", 23],
    ["Europe/Berlin", "2026-10-25T10:00:00Z", 25],
    ["America/New_York", "2026-03-08T18:00:00Z", 23],
    ["America/New_York", "2026-11-01T18:00:00Z", 25],
    ["Australia/Lord_Howe", "2026-10-04T03:00:00Z", 23.5],
    ["Asia/Shanghai", "2026-03-29T10:00:00Z", 24],
  ])("a day in %s around %s has %d hours", (zone, now, expected) => {
    expect(hours({ from: "now/d", to: "now/d" }, zone, now)).toBe(expected);
  });

  test("yesterday at this time is the clock's, though 23 hours ago", () => {
    expect(at("now-1d", "Europe/Berlin", false, Date.parse("2026-03-29T10:00:00Z"))).toBe("2026-03-28T11:00:00.000Z");
    expect(at("now-24h", "Europe/Berlin", false, Date.parse("2026-03-29T10:00:00Z"))).toBe("2026-03-28T10:00:00.000Z");
  });

  test("a day whose midnight does not exist begins when its clock begins", () => {
    expect(at("now/d", "America/Sao_Paulo", false, Date.parse("2018-11-04T15:00:00Z"))).toBe("2018-11-04T03:00:00.000Z");
    expect(hours({ from: "now/d", to: "now/d" }, "America/Sao_Paulo", "2018-11-04T15:00:00Z")).toBe(23);
  });

  test("a reading shown twice is the first, one never shown is what it would have been", () => {
    expect(at("2026-10-25 02:30", "Europe/Berlin")).toBe("2026-10-25T00:30:00.000Z");
    expect(at("2026-03-29 02:30", "Europe/Berlin")).toBe("2026-03-29T01:30:00.000Z");
  });

  test("the hour around an instant in the repeated hour is its own", () => {
    expect(at("now/h", "Europe/Berlin", false, Date.parse("2026-10-25T01:40:00Z"))).toBe("2026-10-25T01:00:00.000Z");
    expect(at("now/h", "Europe/Berlin", true, Date.parse("2026-10-25T00:40:00Z"))).toBe("2026-10-25T00:59:59.999Z");
  });
});

describe("dates, instants and milliseconds", () => {
  test.each([
    ["2026-06-20T06:00:00Z", "2026-06-20T06:00:00.000Z"],
    ["2026-06-20T14:00:00+08:00", "2026-06-20T06:00:00.000Z"],
    ["2026-06-20T14:00:00.123456+0800", "2026-06-20T06:00:00.123Z"],
    ["2026-06-20 14:00", "2026-06-20T06:00:00.000Z"],
    ["2026-06-20T14:00:05,5", "2026-06-20T06:00:05.500Z"],
    ["2026-06-20", "2026-06-19T16:00:00.000Z"],
    ["2026-06", "2026-05-31T16:00:00.000Z"],
    ["1781935200000", "2026-06-20T06:00:00.000Z"],
    ["-86400000", "1969-12-31T00:00:00.000Z"],
  ])("%s", (text, expected) => {
    expect(at(text, SHANGHAI)).toBe(expected);
  });

  test("a date or month as an end is all of it", () => {
    expect(at("2026-06-20", SHANGHAI, true)).toBe("2026-06-20T15:59:59.999Z");
    expect(at("2026-02", "UTC", true)).toBe("2026-02-28T23:59:59.999Z");
    expect(hours({ from: "2026-03-29", to: "2026-03-29" }, "Europe/Berlin", "2026-06-20T00:00:00Z")).toBe(23);
  });

  test.each([
    "", "yesterday", "now-", "now-6", "now6h", "now-6x", "now--6h", "now-9999999d", "now/", "now/x", "2026-13-01", "2026-02-30", "2026-06-20T25:00",
    "2026-06-20T24:00:00Z", "0020-06-20", "2026-06-20Z", "20", "1e12", "99999999999999999999", "2026-06-20T06:00:00Z; drop", "NaN", "Infinity", "٢٠٢٦-٠٦-٢٠",
  ])("%j is no time", (text) => {
    expect(at(text)).toBeNull();
  });
});

describe("ranges", () => {
  test("an end that is not after the beginning is no range", () => {
    expect(rangeOf({ from: "now", to: "now-1h" }, NOW, "UTC")).toBeNull();
    expect(rangeOf({ from: "now", to: "now" }, NOW, "UTC")).toBeNull();
    expect(rangeOf({ from: "rubbish", to: "now" }, NOW, "UTC")).toBeNull();
  });

  test("from a date to now stays open", () => {
    const raw = { from: "2026-06-20", to: "now" };
    expect(isRelative(raw.to)).toBe(true);
    expect(rangeOf(raw, NOW + 1000, "UTC")?.to).toBe(NOW + 1000);
  });

  test("every range of the list is one, in a zone of any kind", () => {
    for (const zone of ["UTC", SHANGHAI, "America/St_Johns", "Pacific/Kiritimati"]) {
      for (const raw of RELATIVE) expect(rangeOf(raw, NOW, zone), `${raw.from} ${zone}`).not.toBeNull();
    }
  });

  test.each([
    ["13h", { from: "now-13h", to: "now" }],
    ["45 m", { from: "now-45m", to: "now" }],
    ["-2d", { from: "now-2d", to: "now" }],
    ["now-1d/d", { from: "now-1d/d", to: "now-1d/d" }],
    ["now-3h", { from: "now-3h", to: "now" }],
    ["2026-06-01 to 2026-06-20", { from: "2026-06-01", to: "2026-06-20" }],
    ["2026-06-01 至 now", { from: "2026-06-01", to: "now" }],
    ["soon", null],
    ["now", null],
  ])("%s is read", (text, expected) => {
    expect(rangeFrom(text)).toEqual(expected);
  });

  test("zooming out doubles about the centre, zooming in undoes it", () => {
    const range = { from: 1_000_000, to: 5_000_000 };
    expect(scaled(range, 2)).toEqual({ from: -1_000_000, to: 7_000_000 });
    expect(scaled(scaled(range, 2), 0.5)).toEqual(range);
    expect(scaled({ from: 0, to: 1000 }, 0.5)).toEqual({ from: 0, to: 1000 });
  });

  test("a range never leaves the years that can be written", () => {
    const wide = scaled({ from: 0, to: 200_000_000_000_000 }, 64);
    expect(absolute(wide)).toEqual({ from: "1000-01-01T00:00:00.000Z", to: "9999-12-30T00:00:00.000Z" });
    expect(rangeOf(absolute(wide), NOW, "UTC")).toEqual(wide);
  });

  test("half a span to either side", () => {
    expect(shifted({ from: 1000, to: 3000 }, -0.5)).toEqual({ from: 0, to: 2000 });
    expect(shifted(shifted({ from: 1000, to: 3000 }, -0.5), 0.5)).toEqual({ from: 1000, to: 3000 });
  });

  test("what was copied can be pasted; what is none changes nothing", () => {
    expect(pasted(copied({ from: "now-6h", to: "now" }), NOW, "UTC")).toEqual({ from: "now-6h", to: "now" });
    expect(pasted("13h", NOW, "UTC")).toEqual({ from: "now-13h", to: "now" });
    for (const text of ["", "{}", "[]", "null", '{"from":1,"to":2}', '{"from":"now","to":"now-1h"}', "a letter"]) expect(pasted(text, NOW, "UTC")).toBeNull();
  });
});
