import { expect, test } from "vitest";
import { joined, NO_TAIL, tailed } from "./tail";
import type { Entry } from "./types";

const entry = (event: string, more: Partial<Entry> = {}): Entry => ({ event, time: "2026-06-20T00:00:00Z", type: "ObjectEvent", objects: [], corrected_by: [], ...more }) as unknown as Entry;
const message = (name: string, told: unknown): { name: string; data: string } => ({ name, data: JSON.stringify(told) });
const none = new Set<string>();

test("new events stand on top, each once", () => {
  let tail = tailed(NO_TAIL, message("event", entry("a")), none, false);
  tail = tailed(tail, message("event", entry("b")), none, false);
  tail = tailed(tail, message("event", entry("b")), none, false);
  expect(joined(tail, [entry("a"), entry("z")], "desc").map((one) => one.event)).toEqual(["b", "a", "z"]);
  expect(joined(tail, [entry("z")], "asc").map((one) => one.event)).toEqual(["z", "a", "b"]);
});

test("a correction changes the event that is shown and adds none", () => {
  const tail = tailed(NO_TAIL, message("correction", entry("z", { withdrawn: "2026-06-21T00:00:00Z" })), new Set(["z"]), false);
  const shown = joined(tail, [entry("z")], "desc");
  expect(shown.map((one) => one.withdrawn)).toEqual(["2026-06-21T00:00:00Z"]);
});

test("while the reader looks at older ones, new ones are counted", () => {
  const paused = tailed(tailed(NO_TAIL, message("event", entry("a")), none, true), message("event", entry("b")), none, true);
  expect(paused.waiting).toBe(2);
  expect(tailed(paused, message("event", entry("c")), none, false).waiting).toBe(0);
});

test("what is no event of ours is passed over", () => {
  for (const odd of [{ name: "other", data: "{}" }, { name: "event", data: "{" }, { name: "event", data: "{}" }, { name: "event", data: "null" }]) expect(tailed(NO_TAIL, odd, none, true)).toBe(NO_TAIL);
});
