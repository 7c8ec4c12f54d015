import { expect, test } from "vitest";
import { isWhole, percentOf, sizeText } from "./model";

test("sizes are told in the unit that fits", () => {
  expect(sizeText(0)).toBe("0 B");
  expect(sizeText(1536)).toBe("1.5 KiB");
  expect(sizeText(5 * 1024 ** 3)).toBe("5.0 GiB");
});

test("a job is whole only once it has ended", () => {
  expect(percentOf({ state: "running", done: 0, total: 0 })).toBe(0);
  expect(percentOf({ state: "running", done: 10, total: 10 })).toBe(99);
  expect(percentOf({ state: "failed", done: 3, total: 10 })).toBe(100);
});

test("a body that was cut, or is no text, cannot be mended as shown", () => {
  expect(isWhole('{"activity":"observe"}')).toBe(true);
  expect(isWhole("x".repeat(20_000))).toBe(false);
  expect(isWhole("a\uFFFDb")).toBe(false);
  expect(isWhole("")).toBe(false);
});
