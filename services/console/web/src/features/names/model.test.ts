import { expect, test } from "vitest";
import { entryOf, groupOf, matching } from "./model";
import type { Named } from "./api";

const named = (id: string, zh: string | null, en: string | null, type = ""): Named => ({ id, zh, en, type, unit: null, contact: null, own: null, recorded: "2026-06-01T00:00:00Z", entry: {} });
const MILL = named("https://id.gs1.org/414/9521001000017", "一号面粉厂", "Flour mill 1");
const FLOUR = named("https://id.gs1.org/01/09521101000016", "小麦粉", null);

test("a key says what it names, a lot's own name is no product's", () => {
  expect(groupOf(MILL)).toBe("place");
  expect(groupOf(FLOUR)).toBe("product");
  expect(groupOf(named("https://id.gs1.org/01/09521101000016/10/L1", null, null))).toBe("other");
  expect(groupOf(named("https://example.org/dock", null, null, "urn:epcglobal:epcis:vtype:BusinessLocation"))).toBe("place");
});

test("names are found in both languages and by any part of the code", () => {
  expect(matching([MILL, FLOUR], undefined, "面粉")).toEqual([MILL]);
  expect(matching([MILL, FLOUR], undefined, "MILL")).toEqual([MILL]);
  expect(matching([MILL, FLOUR], undefined, "101000016")).toEqual([FLOUR]);
  expect(matching([MILL, FLOUR], "product", "")).toEqual([FLOUR]);
});

test("what was left empty is not recorded", () => {
  expect(entryOf({ id: " k ", zh: " 面粉 ", en: "", unit: null })).toEqual({ id: "k", zh: "面粉", en: null, unit: null, contact: null });
});
