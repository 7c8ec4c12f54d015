import { expect, test } from "vitest";
import { bucketOf, ticksOf } from "./ticks";
import { inZone, isZone, offsetText } from "./wall";

const range = (from: string, to: string): { from: number; to: number } => ({ from: Date.parse(from), to: Date.parse(to) });
const labels = (from: string, to: string, width: number, zone: string): string[] => ticksOf(range(from, to), width, zone).map((one) => one.label);

test("six hours are marked by the zone's hours, midnight by its date", () => {
  expect(labels("2026-06-20T13:10:00Z", "2026-06-20T19:10:00Z", 600, "Asia/Shanghai")).toEqual(["22:00", "23:00", "06-21", "01:00", "02:00", "03:00"]);
  expect(labels("2026-06-20T13:10:00Z", "2026-06-20T16:40:00Z", 400, "Asia/Kolkata")).toEqual(["19:00", "20:00", "21:00", "22:00"]);
});

test("across a change of the clock the marks stay at round readings, in order", () => {
  const spring = ticksOf(range("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"), 800, "Europe/Berlin");
  expect(spring.map((one) => one.label)).toEqual(["03-29", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "03-30"]);
  expect((spring[1]?.at ?? 0) - (spring[0]?.at ?? 0)).toBe(2 * 3_600_000);
  expect(spring.every((one, n) => n === 0 || one.at > (spring[n - 1]?.at ?? 0))).toBe(true);
});

test("a month is marked by weeks' Mondays, years by their number", () => {
  expect(labels("2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z", 420, "UTC")).toEqual(["06-01", "06-08", "06-15", "06-22", "06-29"]);
  expect(labels("2020-06-01T00:00:00Z", "2026-07-01T00:00:00Z", 620, "UTC")).toEqual(["2021", "2022", "2023", "2024", "2025", "2026"]);
  expect(labels("2026-01-15T00:00:00Z", "2026-07-01T00:00:00Z", 700, "UTC")).toEqual(["2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07"]);
});

test("any span has few marks and one kind of column", () => {
  for (const span of [1_000, 60_000, 3_600_000, 86_400_000, 30 * 86_400_000, 366 * 86_400_000, 50 * 366 * 86_400_000]) {
    const marks = ticksOf({ from: 1_780_000_000_000, to: 1_780_000_000_000 + span }, 900, "Asia/Shanghai");
    expect(marks.length, String(span)).toBeLessThanOrEqual(12);
    expect(bucketOf({ from: 0, to: span }, 900)).toMatch(/^[1-9]\d{0,3}[smhdw]$/);
  }
});

test("columns are as wide as a finger can hit", () => {
  expect(bucketOf(range("2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"), 1000)).toBe("6h");
  expect(bucketOf(range("2026-06-01T00:00:00Z", "2026-06-01T06:00:00Z"), 1000)).toBe("5m");
});

test("a time of the API is told in a zone with all its digits", () => {
  expect(inZone("2026-06-20T06:03:22.123456789Z", "Asia/Shanghai")).toBe("2026-06-20T14:03:22.123456789+08:00");
  expect(inZone("2026-06-20T06:03:22Z", "America/St_Johns")).toBe("2026-06-20T03:33:22-02:30");
  expect(inZone("2026-06-20T06:03:22.5+08:00", "UTC")).toBe("2026-06-19T22:03:22.5+00:00");
  expect(inZone("never", "UTC")).toBe("never");
});

test("a zone is one or is not", () => {
  expect([isZone("Asia/Shanghai"), isZone("UTC"), isZone("Mars/Base"), isZone("")]).toEqual([true, true, false, false]);
  expect(offsetText(0, "Asia/Kolkata")).toBe("+05:30");
});
