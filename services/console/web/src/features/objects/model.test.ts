import { expect, test } from "vitest";
import type { Found } from "./api";
import { compareDecimals, grouped, meantOf, namesakes, verdictOf, whereOf } from "./model";

test("decimals are compared exactly, whatever their digits", () => {
  expect(compareDecimals("0.10", "0.1")).toBe(0);
  expect(compareDecimals("12345678901234567890.1", "12345678901234567890.2")).toBe(-1);
  expect(compareDecimals("-2", "-10")).toBe(1);
  expect(compareDecimals("1e3", "5")).toBeNull();
});

test("a value on its limit is within it, beyond it is not", () => {
  const measured = (value: string): ReturnType<typeof verdictOf> => verdictOf({ name: "moisture", value, low: "2", high: "4.0", unit: "P1", instrument: null });
  expect(measured("2.00")).toBe("within");
  expect(measured("4")).toBe("within");
  expect(measured("6.8")).toBe("above");
  expect(measured("1.999")).toBe("below");
  expect(verdictOf({ name: "colour", value: "brown", low: null, high: null, unit: null, instrument: null })).toBe("unlimited");
});

const found = (id: string, kind: string, match: Found["match"] = "part"): Found => ({ id, kind, match, lot: null, name: null, product: null });

test("objects lead to their page, all else to what happened with it", () => {
  expect(whereOf(found("https://id.gs1.org/01/1/10/A", "lot"))).toEqual({ to: "/object", search: { id: "https://id.gs1.org/01/1/10/A" } });
  expect(whereOf(found("urn:x:po:1", "document"))).toEqual({ to: "/timeline", search: { "var-document": ["urn:x:po:1"] } });
  expect(whereOf(found("https://id.gs1.org/414/1", "place"))).toEqual({ to: "/timeline", search: { "var-place": ["https://id.gs1.org/414/1"] } });
});

test("a key that was found as two kinds is listed once, as an object", () => {
  const oven = "https://id.gs1.org/8004/9521001OVEN3";
  expect(grouped([found(oven, "resource"), found(oven, "asset")])).toEqual([["asset", [found(oven, "asset")]]]);
});

test("a text stands for the one object that has it as its number or key; a part of it stands for none", () => {
  const lots = [found("https://id.gs1.org/01/1/10/L1", "lot", "number"), found("https://id.gs1.org/01/2/10/L1", "lot", "number")];
  const longer = found("https://id.gs1.org/01/2/10/L12", "lot");
  expect(namesakes([...lots, longer]).map((one) => one.id)).toEqual(lots.map((one) => one.id));
  expect(meantOf(lots)).toBeNull();
  expect(meantOf([...lots.slice(1), longer, found("urn:d:PO-L1", "document", "number")])?.id).toBe("https://id.gs1.org/01/2/10/L1");
  expect(meantOf([longer])).toBeNull();
  expect(meantOf([found("urn:d:PO-L1", "document", "key")])).toBeNull();
});
