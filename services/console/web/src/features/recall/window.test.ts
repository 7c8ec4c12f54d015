import { expect, test } from "vitest";
import { windowOf } from "./window";

test("of a hundred thousand rows those in sight are drawn, with some beyond", () => {
  expect(windowOf(52 * 50_000, 520, 52, 100_000, 10)).toEqual({ first: 49_990, end: 50_020 });
});

test("at either end the window ends with the list", () => {
  expect(windowOf(0, 520, 52, 100_000, 10)).toEqual({ first: 0, end: 20 });
  expect(windowOf(1e9, 520, 52, 30, 10)).toEqual({ first: 30, end: 30 });
});
