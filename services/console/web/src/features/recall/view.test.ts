import { expect, test } from "vitest";
import { readSearch, writeSearch } from "@/shared/api/address";
import { addressOf, chosen, filterOf, RECALL_VIEW, requestOf, seedOf, seedsOf, toggled, type Seed } from "./view";

const SEEDS: Seed[] = [
  { kind: "object", key: "0012" },
  { kind: "product", key: "https://id.gs1.org/01/09521001000024" },
  { kind: "container", key: "https://id.gs1.org/00/095210010000002288", at: "2026-06-12T15:00:00+08:00" },
  { kind: "container", key: "urn:x:a|b", at: null },
  { kind: "place", key: "a|b", from: "2026-06-18T10:00:00+08:00", to: "2026-06-18T10:40:00+08:00" },
  { kind: "resource", key: "urn:x:oven", from: "2026-06-18T02:00:00Z", to: "2026-06-18T02:40:00Z" },
];

test("a view comes back from its address as it was", () => {
  const view = RECALL_VIEW.parse({
    ...addressOf(SEEDS.filter((seed) => seed.key !== "urn:x:a|b")), direction: "backward", known_at: "2026-06-20T06:00:00.123456Z", at_place: ["", "x"], open: ["+1", "<k", "more:k"], selected: "k",
    focus: "f", tick: ["t"], find: "é/&", tab: "graph",
  });
  const again = RECALL_VIEW.parse(readSearch(writeSearch(view).slice(1)));
  expect(again).toEqual(view);
  expect(seedsOf(again)).toEqual(SEEDS.filter((seed) => seed.key !== "urn:x:a|b"));
});

test("every kind of seed is asked as it was given, and read back from a kept question", () => {
  expect(SEEDS.map(requestOf).flatMap(seedOf)).toEqual(SEEDS);
});

test("what an address cannot mean is ignored, not refused", () => {
  const view = RECALL_VIEW.parse({ direction: "sideways", tab: "x", question: "nope", place: "no-window", object: "" });
  expect(view.direction).toBeUndefined();
  expect(view.question).toBeUndefined();
  expect(seedsOf(view)).toEqual([]);
});

test("a filter is set and taken back by the same press", () => {
  const view = RECALL_VIEW.parse({ object: "x" });
  const on = { ...view, ...toggled(view, "place", "p") };
  expect(chosen(on, "place")).toEqual(["p"]);
  expect(filterOf(on)?.place).toEqual(["p"]);
  expect(filterOf({ ...on, ...toggled(on, "place", "p") })).toBeNull();
});
