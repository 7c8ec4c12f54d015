import { expect, test } from "vitest";
import { acting, depthShown, stages } from "./acts";
import type { Affected, Relation } from "./api";
import { cyclesOf, genealogyOf, pathsTo, type Told } from "./genealogy";
import { placesOf } from "./layout";
import { columnsOf, firstActs, sceneOf, type Scene, type Wanted } from "./scene";

function affected(object: string, depth: number): Affected {
  return {
    object, depth, kind: "lot", certainty: "certain", state: "in_stock", place: null, since: null, last_event: null, by_way_of: null, carriers: [], consignees: [],
    possible_consignees: [], possible_consignees_total: 0, flags: [],
  };
}

function relation(from: string, to: string, kind: Relation["kind"] = "transformed"): Relation {
  return { from, to, kind, events: ["e"], certain: true, quantity: null, unit: null, since: null, until: null };
}

/** Processes are keys that begin with `p`; `a>p>b` is a step. */
function told(depths: Record<string, number>, ...steps: string[]): Told {
  const pairs = steps.flatMap((step) => {
    const parts = step.split(">");
    return parts.slice(1).map((part, number) => [parts[number] ?? "", part] as const);
  });
  const processes = [...new Set(pairs.flat())].filter((key) => key.startsWith("p"));
  return {
    objects: Object.entries(depths).map(([key, depth]) => affected(key, depth)),
    relations: pairs.map(([from, to]) => relation(from, to)),
    processes: processes.map((process) => ({ process, events: [], order: null, place: null, resource: null, from: "", to: "" })),
  };
}

function drawn(given: Told, more: Partial<Wanted> = {}): Scene {
  const genealogy = genealogyOf(given, "forward");
  const roots = more.roots ?? ["a"];
  return sceneOf(genealogy, { roots, acts: firstActs(roots), path: [], others: new Map(), cycles: cyclesOf(genealogy), keep: null, ...more });
}

const ids = (scene: Scene): string[] => scene.nodes.map((node) => node.id);
const places = (scene: Scene) => placesOf(scene.nodes, false);

const CHAIN = told({ a: 0, b: 1, c: 2 }, "a>p1>b", "b>p2>c");

test("a view opens one step, and says how much lies behind", () => {
  const scene = drawn(CHAIN);
  expect(ids(scene)).toEqual(["a", "p1", "b"]);
  expect(scene.nodes.find((node) => node.id === "b")?.hidden).toBe(1);
  expect(ids(drawn(CHAIN, { acts: ["*"] }))).toEqual(["a", "p1", "b", "p2", "c"]);
});

test("what opens can be closed again: an object, a stage, all", () => {
  const genealogy = genealogyOf(CHAIN, "forward");
  const open = acting(["+1"], { id: "b", open: false, hidden: 1, context: false }, genealogy);
  expect(ids(drawn(CHAIN, { acts: open }))).toContain("c");
  expect(ids(drawn(CHAIN, { acts: acting(open, { id: "b", open: true, hidden: 0, context: false }, genealogy) }))).not.toContain("c");
  const closed = acting(["+2"], { id: "a", open: true, hidden: 0, context: false }, genealogy);
  expect(ids(drawn(CHAIN, { acts: closed }))).toEqual(["a"]);
  expect(ids(drawn(CHAIN, { acts: acting(closed, { id: "a", open: false, hidden: 1, context: false }, genealogy) }))).toContain("c");
  expect(depthShown(stages(["+1"], 2))).toBe(2);
  expect(depthShown(stages(["+1", "+2", "b", "<a"], 1))).toBe(1);
});

const WIDE = told(
  { a: 0, ...Object.fromEntries(Array.from({ length: 75 }, (_, n) => [`b${String(n).padStart(2, "0")}`, 1])), c: 2 },
  "a>p1", ...Array.from({ length: 75 }, (_, n) => `p1>b${String(n).padStart(2, "0")}`), "b00>p2>c",
);

test("more than twenty siblings are folded, twenty more are shown a time, and none is left out", () => {
  const fold = (scene: Scene) => scene.nodes.find((node) => node.sort === "fold");
  expect(fold(drawn(WIDE))?.hidden).toBe(55);
  expect(ids(drawn(WIDE)).filter((id) => id.startsWith("b"))).toHaveLength(20);
  expect(fold(drawn(WIDE, { acts: ["+1", "more:a"] }))?.hidden).toBe(35);
  const whole = drawn(WIDE, { acts: ["+1", "more:a", "more:a", "more:a"] });
  expect(fold(whole)?.hidden).toBe(0);
  expect(ids(whole).filter((id) => id.startsWith("b"))).toHaveLength(75);
});

test("the same data and acts give the same picture, whatever order the answer lists them in", () => {
  const turned = { ...WIDE, objects: [...WIDE.objects].reverse(), relations: [...WIDE.relations].reverse() };
  expect(new Map([...places(drawn(WIDE))].sort())).toEqual(new Map([...places(drawn(turned))].sort()));
});

test("expanding moves nothing, and nothing lies upon another", () => {
  const acts = ["+1"];
  let before = places(drawn(WIDE, { acts }));
  for (const act of ["b00", "more:a", "+2", "more:a", "*"]) {
    acts.push(act);
    const after = places(drawn(WIDE, { acts }));
    for (const [id, place] of before) expect([act, id, after.get(id)]).toEqual([act, id, place]);
    expect(new Set([...after.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(after.size);
    before = after;
  }
});

test("a cycle ends, and the step that leads back is marked as a loop", () => {
  const scene = drawn(told({ a: 0, r: 1, d: 2, x: 2 }, "a>p1>r", "r>p2>d", "d>p3>r", "r>p4>x"), { acts: ["*"] });
  expect(scene.edges.filter((edge) => edge.loop).map((edge) => edge.id)).toEqual(["p3→r"]);
});

test("what a process takes in and gives out again is a loop too", () => {
  const scene = drawn(told({ a: 0, b: 1 }, "a>p1>b", "b>p2>b"), { acts: ["*"] });
  expect(scene.edges.filter((edge) => edge.loop).map((edge) => edge.id)).toEqual(["p2→b"]);
});

test("a filter hides the rest and keeps the paths that connect", () => {
  const given = told({ a: 0, b: 1, c: 2, x: 1 }, "a>p1>b", "b>p2>c", "a>p3>x");
  const genealogy = genealogyOf(given, "forward");
  const keep = new Set(["a", ...pathsTo(genealogy, ["c"], () => true)]);
  expect(ids(drawn(given, { acts: ["*"], keep }))).toEqual(["a", "p1", "b", "p2", "c"]);
});

test("the path to what is selected is drawn though nothing is open, and one that is not loaded too", () => {
  const path = [
    { near: "a", far: "b", process: "p1", kind: "transformed" as const, certain: true, relations: [] },
    { near: "b", far: "z", process: "p9", kind: "transformed" as const, certain: false, relations: [] },
  ];
  const scene = drawn(CHAIN, { acts: [], path });
  expect(ids(scene)).toEqual(["a", "p1", "b", "p9", "z"]);
  expect(scene.edges.find((edge) => edge.id === "p9→z")?.certain).toBe(false);
});

test("one step the other way stands on the other side, and is no part of the answer", () => {
  const others = new Map([["a", [{ near: "a", far: "s", process: "p0", kind: "transformed" as const, certain: true, relations: [] }]]]);
  const scene = drawn(CHAIN, { others });
  const origin = scene.nodes.find((node) => node.id === "s");
  expect(origin?.context).toBe(true);
  expect(origin?.column).toBe(-1);
  expect(scene.edges.map((edge) => edge.id)).toContain("s→p0");
});

test("items stand in a column of their own beside their lot", () => {
  const given = { ...told({ a: 0, i: 0 }), relations: [relation("a", "i", "belongs_to_lot")] };
  const columns = columnsOf(genealogyOf(given, "forward")).of;
  expect([columns.get("a"), columns.get("i")]).toEqual([0, 1]);
});

test("backward, the walk goes from what was made to what it was made of", () => {
  const genealogy = genealogyOf(told({ c: 0, b: 1, a: 2 }, "a>p1>b", "b>p2>c"), "backward");
  const scene = sceneOf(genealogy, { roots: ["c"], acts: ["*"], path: [], others: new Map(), cycles: new Map(), keep: null });
  expect(ids(scene)).toEqual(["c", "p2", "b", "p1", "a"]);
  expect(placesOf(scene.nodes, true).get("a")?.x).toBeLessThan(0);
});

test("a chain of two hundred and a graph of two thousand are laid out whole", () => {
  const chain = Array.from({ length: 200 }, (_, n) => `o${n}`);
  const long = told(Object.fromEntries(chain.map((key, n) => [key, n])), ...chain.slice(1).map((key, n) => `o${n}>p${n}>${key}`));
  expect(drawn(long, { roots: ["o0"], acts: ["*"] }).nodes).toHaveLength(399);
  const wide = told(
    Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`o${n}`, n === 0 ? 0 : Math.floor(Math.log2(n)) + 1])),
    ...Array.from({ length: 1999 }, (_, n) => `o${Math.floor((n + 1) / 2)}>p${Math.floor((n + 1) / 2)}>o${n + 1}`),
  );
  const scene = drawn(wide, { roots: ["o0"], acts: ["*"] });
  expect(scene.nodes.filter((node) => node.sort === "object")).toHaveLength(2000);
  expect(new Set([...places(scene).values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(scene.nodes.length);
});
