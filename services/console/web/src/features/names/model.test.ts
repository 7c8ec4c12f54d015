import { expect, test } from "vitest";
import { entryOf } from "./model";

test("what was left empty is not recorded", () => {
  expect(entryOf({ id: " k ", zh: " 面粉 ", en: "", unit: null }, null, false)).toEqual({
    id: "k", kind: null, own: null, zh: "面粉", en: null, unit: null, contact: null, address: null,
  });
});

test("whether a place is one's own is said only where it is told or changed", () => {
  const silent = { kind: "place", own: null };
  expect(entryOf({ id: "k", own: true }, silent, true).own).toBeNull();
  expect(entryOf({ id: "k", own: false }, silent, true).own).toBe(false);
  expect(entryOf({ id: "k", own: true }, { kind: "place", own: true }, true).own).toBe(true);
});
