/**
 * The genealogy that an answer tells, read in the direction of the walk: from what was asked for to what was reached.
 * Pure; objects and processes are by key, as in the answer and the table.
 */
import type { Affected, PathStep, Process, Relation } from "./api";
import type { Direction } from "./view";

/** One step of the walk, by way of a process or directly (a part, an item of a lot). */
export interface Hop {
  near: string;
  far: string;
  process: string | null;
  kind: Relation["kind"];
  certain: boolean;
  relations: Relation[];
}

/** What an answer is read from: a whole one, or one step. */
export interface Told {
  objects: Affected[];
  processes: Process[];
  relations: Relation[];
}

export interface Genealogy {
  direction: Direction;
  objects: ReadonlyMap<string, Affected>;
  processes: ReadonlyMap<string, Process>;
  /** Hops from an object and to it, by key of the far end. */
  from: ReadonlyMap<string, readonly Hop[]>;
  to: ReadonlyMap<string, readonly Hop[]>;
}

export function genealogyOf(told: Told, direction: Direction): Genealogy {
  const processes = new Map(told.processes.map((one) => [one.process, one]));
  const hops = hopsOf(told.relations, (key) => processes.has(key), direction === "forward");
  const from = new Map<string, Hop[]>();
  const to = new Map<string, Hop[]>();
  for (const hop of hops.sort((a, b) => byText(a.process ?? "", b.process ?? "") || byText(a.far, b.far) || byText(a.near, b.near))) {
    push(from, hop.near, hop);
    push(to, hop.far, hop);
  }
  const objects = [...told.objects].sort((a, b) => a.depth - b.depth || byText(a.object, b.object));
  return { direction, objects: new Map(objects.map((one) => [one.object, one])), processes, from, to };
}

/** By code unit, so that the same answer looks the same whoever reads it. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function hopsOf(relations: readonly Relation[], isProcess: (key: string) => boolean, forward: boolean): Hop[] {
  const hops: Hop[] = [];
  const entering = new Map<string, Relation[]>();
  const leaving = new Map<string, Relation[]>();
  for (const relation of relations) {
    const [near, far] = forward ? [relation.from, relation.to] : [relation.to, relation.from];
    if (isProcess(far)) push(entering, far, relation);
    else if (isProcess(near)) push(leaving, near, relation);
    else hops.push({ near, far, process: null, kind: relation.kind, certain: relation.certain, relations: [relation] });
  }
  for (const [process, ins] of entering) {
    for (const out of leaving.get(process) ?? []) {
      for (const into of ins) {
        const [near, far] = forward ? [into.from, out.to] : [into.to, out.from];
        hops.push({ near, far, process, kind: "transformed", certain: into.certain && out.certain, relations: [into, out] });
      }
    }
  }
  return hops;
}

/** The hops of a path that the service found, so that it can be drawn where its objects are not loaded. */
export function hopsOfPath(steps: readonly PathStep[], direction: Direction): Hop[] {
  return steps.map((step) => ({
    near: direction === "forward" ? step.from : step.to,
    far: direction === "forward" ? step.to : step.from,
    process: step.process,
    kind: step.kind,
    certain: step.certain,
    relations: [],
  }));
}

/** An object and all it was reached by, within `within`: what its paths from the seeds go through. */
export function pathsTo(genealogy: Genealogy, targets: Iterable<string>, within: (key: string) => boolean): Set<string> {
  const found = new Set<string>();
  const todo = [...targets];
  for (let key = todo.pop(); key !== undefined; key = todo.pop()) {
    if (found.has(key) || !within(key)) continue;
    found.add(key);
    for (const hop of genealogy.to.get(key) ?? []) todo.push(hop.near);
  }
  return found;
}

/**
 * Objects that lie on a cycle, each with the number of its cycle: strongly connected components of more than one object.
 * Tarjan's algorithm without recursion, since a chain may be two hundred long and a graph two thousand.
 */
export function cyclesOf(genealogy: Genealogy): Map<string, number> {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const on = new Set<string>();
  const cycles = new Map<string, number>();
  let cycle = 0;
  const close = (key: string): void => {
    const members: string[] = [];
    for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
      on.delete(one);
      members.push(one);
      if (one === key) break;
    }
    if (members.length > 1) {
      for (const one of members) cycles.set(one, cycle);
      cycle += 1;
    }
  };
  const enter = (key: string): Frame => {
    index.set(key, index.size);
    low.set(key, index.size - 1);
    stack.push(key);
    on.add(key);
    return { key, next: 0 };
  };
  for (const start of genealogy.from.keys()) {
    if (index.has(start)) continue;
    const frames = [enter(start)];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const far = genealogy.from.get(frame.key)?.[frame.next]?.far;
      frame.next += 1;
      if (far === undefined) {
        frames.pop();
        const parent = frames.at(-1);
        if (parent !== undefined) low.set(parent.key, Math.min(at(low, parent.key), at(low, frame.key)));
        if (at(low, frame.key) === at(index, frame.key)) close(frame.key);
      } else if (!index.has(far)) frames.push(enter(far));
      else if (on.has(far)) low.set(frame.key, Math.min(at(low, frame.key), at(index, far)));
    }
  }
  return cycles;
}

interface Frame {
  key: string;
  next: number;
}

function at(numbers: ReadonlyMap<string, number>, key: string): number {
  return numbers.get(key) ?? Infinity;
}

export function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
