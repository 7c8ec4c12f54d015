/** The scene as Cytoscape takes it: labels, classes and places. Pure but for the words it is given. */
import type { ElementDefinition } from "cytoscape";
import { shortOf } from "@/shared/ui/keys";
import type { Drawn } from "./drawing";
import { orderOf } from "./explain";
import { tintOf } from "./graph-style";
import { nameOf } from "./labels";
import type { SceneEdge, SceneNode } from "./scene";
import { ROW } from "./layout";

/** Words of the graph, in the reader's language. */
export interface GraphWords {
  stage: (depth: number, shown: number) => string;
  otherWay: string;
  fold: (shown: number, all: number, states: string) => string;
  hits: (count: number) => string;
  loop: string;
  draws: (count: number) => string;
  state: (state: string) => string;
}

export function elementsOf(drawn: Drawn, selected: string | undefined, words: GraphWords, dark: boolean): ElementDefinition[] {
  const hits = new Set(drawn.hits);
  const nodes = drawn.scene.nodes.filter((node) => node.sort !== "fold" || node.hidden > 0);
  return [
    ...nodes.map((node) => elementOf(node, drawn, hits, selected, words, dark)),
    ...headsOf(drawn, nodes, words),
    ...drawn.scene.edges.map((edge) => edgeOf(edge, drawn, words)),
  ];
}

function elementOf(node: SceneNode, drawn: Drawn, hits: ReadonlySet<string>, selected: string | undefined, words: GraphWords, dark: boolean): ElementDefinition {
  const position = { ...(drawn.places.get(node.id) ?? { x: 0, y: 0 }) };
  if (node.sort === "process") {
    const order = orderOf(node.id);
    return { group: "nodes", data: { id: node.id, label: order === null ? "" : shortOf(order) }, position, classes: classes("process", { dim: dims(node, drawn) }) };
  }
  if (node.sort === "fold") {
    const found = node.folded.filter((key) => hits.has(key)).length;
    const label = foldText(node, drawn, words) + (found > 0 ? `\n${words.hits(found)}` : "");
    return { group: "nodes", data: { id: node.id, label }, position, classes: classes("fold", { hit: found > 0, dim: dims(node, drawn) }) };
  }
  const affected = drawn.genealogy.objects.get(node.id);
  const { color, icon } = tintOf(affected?.state ?? "unknown", dark);
  const flags = { possible: affected?.certainty === "possible", root: drawn.roots.includes(node.id), context: node.context, hit: hits.has(node.id), selected: node.id === selected, dim: dims(node, drawn) };
  return { group: "nodes", data: { id: node.id, label: labelText(node, drawn), color, icon }, position, classes: classes("object", flags) };
}

function classes(first: string, flags: Record<string, boolean>): string {
  return [first, ...Object.entries(flags).flatMap(([name, on]) => (on ? [name] : []))].join(" ");
}

function dims(node: SceneNode, { lit, scene }: Drawn): boolean {
  if (lit === null) return false;
  if (node.sort === "process") return !scene.edges.some((edge) => edge.from === node.id && lit.has(edge.to) && edge.hops.some((hop) => lit.has(hop.near)));
  return !lit.has(node.id);
}

function labelText(node: SceneNode, drawn: Drawn): string {
  const name = nameOf(node.id, drawn.names);
  const more = node.hidden > 0 && !node.context ? `  +${node.hidden}` : "";
  return `${cut(shortOf(node.id), more === "" ? 18 : 14)}${more}${name === null ? "" : `\n${cut(name, 17)}`}`;
}

const LETTERS = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** As much of a text as a node has room for; a Chinese character takes twice that of a Latin one. */
function cut(text: string, most: number): string {
  let room = most;
  for (const { segment, index } of LETTERS.segment(text)) {
    room -= segment.charCodeAt(0) > 0x2e7f ? 2 : 1;
    if (room < 0) return `${text.slice(0, index).trimEnd()}…`;
  }
  return text;
}

/** "20 of 1,940", with what the folded ones are. */
function foldText(node: SceneNode, drawn: Drawn, words: GraphWords): string {
  const states = new Map<string, number>();
  for (const key of node.folded) {
    const state = drawn.genealogy.objects.get(key)?.state ?? "unknown";
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  const next = new Set((drawn.genealogy.from.get(node.parent ?? "") ?? []).map((hop) => hop.far)).size;
  const all = Math.max(drawn.trueNext.get(node.parent ?? "") ?? 0, next);
  const told = [...states].sort((a, b) => b[1] - a[1]).slice(0, 2).map(([state, count]) => `${words.state(state)} ${count}`);
  return words.fold(next - node.hidden, all, told.join(" · "));
}

/** A heading above each column of objects. */
function headsOf(drawn: Drawn, nodes: readonly SceneNode[], words: GraphWords): ElementDefinition[] {
  const top = Math.min(0, ...nodes.map((node) => drawn.places.get(node.id)?.y ?? 0)) - ROW;
  const columns = new Map<number, SceneNode[]>();
  for (const node of nodes) if (node.sort === "object") columns.set(node.column, [...(columns.get(node.column) ?? []), node]);
  return [...columns].map(([column, members]) => {
    const first = members[0];
    const depth = drawn.genealogy.objects.get(first?.id ?? "")?.depth ?? column;
    const label = column < 0 ? words.otherWay : words.stage(depth, members.length);
    const x = drawn.places.get(first?.id ?? "")?.x ?? 0;
    return { group: "nodes" as const, data: { id: `head:${column}`, label }, position: { x, y: top }, classes: "head", selectable: false, grabbable: false };
  });
}

function edgeOf(edge: SceneEdge, drawn: Drawn, words: GraphWords): ElementDefinition {
  const { lit, genealogy } = drawn;
  const isLit = lit !== null && edge.hops.some((hop) => lit.has(hop.near) && lit.has(hop.far) && !edge.loop);
  const draws = Math.max(0, ...edge.hops.map((hop) => hop.relations.find((relation) => relation.from === edge.from || relation.to === edge.from)?.events.length ?? 0));
  const several = draws > 1 && edge.hops.some((hop) => hop.process === edge.to);
  // material flows from left to right, whichever way the walk goes
  const [source, target] = genealogy.direction === "forward" ? [edge.from, edge.to] : [edge.to, edge.from];
  const label = edge.loop ? words.loop : several ? words.draws(draws) : "";
  const flags = { possible: !edge.certain, loop: edge.loop, several: several && !edge.loop, lit: isLit, dim: lit !== null && !isLit };
  const route = edge.loop ? around(drawn.places.get(source), drawn.places.get(target)) : {};
  return { group: "edges", data: { id: edge.id, source, target, label, ...route }, classes: classes("edge", flags) };
}

interface Point {
  x: number;
  y: number;
}

/** The way back of a loop: below its lower end, between the rows, so that neither it nor its label is hidden by what stands there. */
function around(from: Point | undefined, to: Point | undefined): { weights?: number[]; distances?: number[] } {
  if (from === undefined || to === undefined) return {};
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  if (length === 0) return {};
  const below = Math.max(from.y, to.y) + ROW / 2;
  const corners = [{ x: from.x, y: below }, { x: to.x, y: below }].map((one) => ({ x: one.x - from.x, y: one.y - from.y }));
  return {
    weights: corners.map((one) => (one.x * dx + one.y * dy) / length ** 2),
    distances: corners.map((one) => (one.y * dx - one.x * dy) / length),
  };
}
