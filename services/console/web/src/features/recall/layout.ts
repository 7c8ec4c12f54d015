/**
 * Places for a scene: a column for each stage, rows beside what a node was opened from. Nodes are placed in the order of
 * the scene, each where there is room, and never moved: what an act adds leaves the rest where it is.
 */
import type { SceneNode } from "./scene";

export const COLUMN = 284;
export const ROW = 62;
/** How far a free row is looked for before a node goes below all others of its column. */
const NEARBY = 80;

export interface Point {
  x: number;
  y: number;
}

type Placed = Pick<SceneNode, "id" | "column" | "near" | "sort">;

/** The point of each node, by id. `mirrored` lets the walk run from right to left, as a backward trace does. */
export function placesOf(nodes: readonly Placed[], mirrored: boolean): Map<string, Point> {
  const columns = new Map<number, Column>();
  const rows = new Map<string, number>();
  for (const group of groupsOf(nodes)) {
    const first = group[0];
    if (first === undefined) continue;
    const column = columns.get(first.column) ?? new Column();
    columns.set(first.column, column);
    const around = first.near.flatMap((id) => rows.get(id) ?? []);
    const middle = around.length === 0 ? column.lowest : around.reduce((sum, row) => sum + row, 0) / around.length;
    const start = column.take(Math.round(middle - (group.length - 1) / 2), group.length);
    for (const [number, node] of group.entries()) rows.set(node.id, start + number);
  }
  return new Map(nodes.map((node) => [node.id, { x: (mirrored ? -1 : 1) * node.column * COLUMN, y: (rows.get(node.id) ?? 0) * ROW }]));
}

/** Runs of objects that were opened from the same, which stay together; all else stands alone. */
function groupsOf(nodes: readonly Placed[]): Placed[][] {
  const groups: Placed[][] = [];
  let before: Placed | undefined;
  for (const node of nodes) {
    const together = node.sort === "object" && before?.sort === "object" && node.near[0] !== undefined && node.near[0] === before.near[0] && node.column === before.column;
    if (together) groups.at(-1)?.push(node);
    else groups.push([node]);
    before = node;
  }
  return groups;
}

/** Rows of one column: which are taken. */
class Column {
  private readonly taken = new Set<number>();
  lowest = 0;

  /** The first of `count` free rows in a run, as near to `wanted` as there are. */
  take(wanted: number, count: number): number {
    const start = this.free(wanted, count);
    for (let row = start; row < start + count; row += 1) this.taken.add(row);
    this.lowest = Math.max(this.lowest, start + count);
    return start;
  }

  private free(wanted: number, count: number): number {
    for (let away = 0; away <= NEARBY; away += 1) {
      for (const start of away === 0 ? [wanted] : [wanted + away, wanted - away]) if (this.isFree(start, count)) return start;
    }
    return this.lowest;
  }

  private isFree(start: number, count: number): boolean {
    for (let row = start; row < start + count; row += 1) if (this.taken.has(row)) return false;
    return true;
  }
}
