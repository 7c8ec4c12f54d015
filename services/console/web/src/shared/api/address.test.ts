import { expect, test } from "vitest";
import { readSearch, writeSearch } from "./address";

test("a repeated name is a list, and comes back as it was", () => {
  const text = "?object=a%2Fb&object=0012&known_at=2026-06-20T00%3A00%3A00%2B08%3A00";
  expect(readSearch(text)).toEqual({ object: ["a/b", "0012"], known_at: "2026-06-20T00:00:00+08:00" });
  expect(writeSearch(readSearch(text))).toBe(text);
});

test("what is not given leaves no trace in the address", () => {
  expect(writeSearch({ a: undefined, b: [], c: false, d: null, e: "", f: 0 })).toBe("?e=&f=0");
});
