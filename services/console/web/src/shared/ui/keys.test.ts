import { expect, test } from "vitest";
import { nameOf, productOf, shortOf } from "./keys";

test("a lot is called by its number", () => {
  expect(shortOf("https://id.gs1.org/01/09521103000014/10/SESAME-0612")).toBe("SESAME-0612");
});

test("what was percent-encoded is shown as it was written", () => {
  expect(shortOf("https://id.gs1.org/01/09521103000014/10/%E6%89%B9%2F1")).toBe("批/1");
});

test("a URN is called by its last part, a broken escape by itself", () => {
  expect(shortOf("urn:epc:id:sscc:0614141.1234567890")).toBe("0614141.1234567890");
  expect(shortOf("https://example.org/%E6")).toBe("%E6");
});

test("a lot and an item are of the product whose GTIN stands in their key, a pallet of none", () => {
  expect(productOf("https://id.gs1.org/01/09521103000014/10/SESAME-0612")).toBe("https://id.gs1.org/01/09521103000014");
  expect(productOf("https://id.gs1.org/01/09521103000014/10/A/21/7")).toBe("https://id.gs1.org/01/09521103000014");
  expect(productOf("https://id.gs1.org/00/095210010000002288")).toBeNull();
});

test("a name stands for a key where there is one", () => {
  expect(nameOf("https://id.gs1.org/414/9521001000055", { "https://id.gs1.org/414/9521001000055": "Packing room" })).toBe("Packing room");
  expect(nameOf("https://id.gs1.org/414/9521001000055", {})).toBe("9521001000055");
});
