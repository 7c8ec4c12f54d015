import { expect, test } from "vitest";
import type { PathRead, PathStep } from "./api";
import { madeOf, ruleOf, toldPath, whyOf } from "./explain";

const step = (certain: boolean, rule: string): PathStep => ({ from: "f", to: "t", kind: "transformed", process: "t:P2", events: [], certain, rule, order: "P2", outputs: 3, outputs_kind: "item" });
const sure = step(true, "the process has one output");
const unsure = step(false, "the process has several outputs");
const path = (shortest: PathStep[] | null, certain: PathStep[] | null): PathRead => ({
  to: "t", reached: shortest !== null, shortest, certain, basis: { position: "", known_at: "", rules: "1", lag_events: 0, lag_seconds: 0, not_projected: 0 },
});

test("an object is possible because of the first step that is", () => {
  expect(whyOf(path([sure, unsure, sure], null))).toEqual({ verdict: "possible", because: unsure });
});

test("one certain path makes it certain, and is the one that is told", () => {
  expect(whyOf(path([unsure], [sure, sure])).verdict).toBe("certain");
  expect(toldPath(path([unsure], [sure, sure]))).toEqual([sure, sure]);
});

test("a seed and what is not reached are neither", () => {
  expect(whyOf(path([], [])).verdict).toBe("seed");
  expect(whyOf(path(null, null)).verdict).toBe("unreached");
});

test("things of no one kind, or of one that is not counted, are things", () => {
  expect(madeOf(unsure)).toBe("item");
  expect(madeOf({ ...unsure, outputs_kind: "asset" })).toBe("thing");
  expect(madeOf({ ...unsure, outputs_kind: null })).toBe("thing");
});

test("a rule that is not known yet is none of ours", () => {
  expect(ruleOf(unsure)).toBe("several");
  expect(ruleOf(step(true, "something new"))).toBeNull();
});
