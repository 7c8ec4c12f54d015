import { expect, test } from "vitest";
import { browserZone, fromField, toField } from "./local";
import { offsetText } from "./wall";

test("a field and the instant that it names are the same moment, with its offset", () => {
  const written = fromField("2026-06-18T10:00");
  expect(written).toBe(`2026-06-18T10:00:00${offsetText(new Date(2026, 5, 18, 10).getTime(), browserZone())}`);
  expect(toField(written)).toBe("2026-06-18T10:00:00");
});

test("what is no instant leaves the field empty", () => {
  expect(toField(null)).toBe("");
  expect(toField("yesterday")).toBe("");
  expect(fromField("")).toBeNull();
});
