/**
 * What of a genealogy is drawn: which objects are open, what is folded, which way the other direction looks. Pure: the
 * same answer and the same acts give the same scene, and an act only ever adds to the end of it.
 *
 * Acts, in the order they were done, are written so in the address: `+2` opens every object of the stages below 2, `*`
 * every object, a key opens one, `-key` closes one, `<key` shows one step the other way, `more:key` twenty siblings more.
 */
import { byText, push, type Genealogy, type Hop } from "./genealogy";

export const SIBLINGS = 20;

export interface SceneNode {
  id: string;
  sort: "object" | "process" | "fold";
  /** Column: whole numbers are objects, halves processes; below 0 lies what is the other way. */
  column: number;
  /** Nodes that it was opened from: it is placed near them. */
  near: string[];
  /** Of an object: how many of its next ones are not drawn. Of a fold: how many it holds. */
  hidden: number;
  /** Of an object: its next ones are shown. */
  open: boolean;
  /** Shown by an act the other way: context, not part of the answer. */
  context: boolean;
  /** Of a fold: the object whose next ones it holds, and those. */
  parent: string | null;
  folded: string[];
}

export interface SceneEdge {
  id: string;
  from: string;
  to: string;
  certain: boolean;
  kind: Hop["kind"];
  /** It leads back into an earlier stage of the same cycle. */
  loop: boolean;
  /** How many recorded draws it stands for. */
  hops: Hop[];
}

export interface Scene {
  nodes: SceneNode[];
  edges: SceneEdge[];
  /** The number of columns of objects in the whole answer. */
  columns: number;
}

export interface Wanted {
  roots: readonly string[];
  acts: readonly string[];
  /** Hops that are drawn whatever is open: the path to what is selected. */
  path: readonly Hop[];
  /** One step the other way, by the object it was asked from, already turned: `near` is the object, `far` its context. */
  others: ReadonlyMap<string, readonly Hop[]>;
  cycles: ReadonlyMap<string, number>;
  /** Nothing else is drawn, if given. */
  keep: ReadonlySet<string> | null;
}

/** One step each way of what was asked for: what a view opens with. */
export function firstActs(roots: readonly string[]): string[] {
  return ["+1", ...roots.slice(0, 5).map((key) => `<${key}`)];
}

/** What the acts come to: objects to open, in order, one as often as siblings are to be unfolded; and the other ways. */
interface Opened {
  steps: string[];
  others: Set<string>;
}

export function sceneOf(genealogy: Genealogy, wanted: Wanted): Scene {
  const builder = new Builder(genealogy, wanted, columnsOf(genealogy));
  for (const root of wanted.roots) builder.object(root, [], false);
  const opened = openedBy(genealogy, wanted.acts);
  for (const key of opened.others) builder.otherWay(key);
  for (const key of opened.steps) builder.open(key);
  builder.path();
  return builder.scene(new Set(opened.steps));
}

function openedBy(genealogy: Genealogy, acts: readonly string[]): Opened {
  const opened: Opened = { steps: [], others: new Set() };
  const done = new Set<string>();
  const open = (key: string): void => {
    if (!done.has(key)) opened.steps.push(key);
    done.add(key);
  };
  for (const act of acts) {
    const stage = stageOf(act);
    if (stage !== null) {
      for (const one of genealogy.objects.values()) if (one.depth < stage) open(one.object);
    } else if (act.startsWith("more:")) opened.steps.push(act.slice(5));
    else if (act.startsWith("<")) opened.others.add(act.slice(1));
    else if (act.startsWith("-")) {
      done.delete(act.slice(1));
      opened.steps = opened.steps.filter((key) => key !== act.slice(1));
    } else open(act);
  }
  return opened;
}

/** Below which depth an act opens all, or null for an act on one object. */
export function stageOf(act: string): number | null {
  if (act === "*") return Infinity;
  const found = /^\+(\d+)$/.exec(act);
  return found === null ? null : Number(found[1]);
}

/** The column of each object: its depth, and one further for items beside the lot that they belong to. */
export function columnsOf(genealogy: Genealogy): { of: Map<string, number>; depths: number[] } {
  const rank = new Map<string, number>();
  for (const one of genealogy.objects.values()) {
    const ways = genealogy.to.get(one.object) ?? [];
    const beside = ways.length > 0 && ways.every((hop) => hop.kind === "belongs_to_lot" && genealogy.objects.get(hop.near)?.depth === one.depth);
    rank.set(one.object, one.depth * 2 + (beside && one.depth >= 0 ? 1 : 0));
  }
  const ranks = [...new Set(rank.values())].sort((a, b) => a - b);
  const place = new Map(ranks.map((one, number) => [one, number]));
  return { of: new Map([...rank].map(([key, one]) => [key, place.get(one) ?? 0])), depths: ranks.map((one) => Math.floor(one / 2)) };
}

class Builder {
  private readonly nodes = new Map<string, SceneNode>();
  private readonly hops = new Map<string, Hop[]>();

  constructor(
    private readonly genealogy: Genealogy,
    private readonly wanted: Wanted,
    private readonly columns: { of: Map<string, number>; depths: number[] },
  ) {}

  object(key: string, near: string[], context: boolean, column = this.columns.of.get(key) ?? 0): boolean {
    const { keep } = this.wanted;
    if (this.nodes.has(key) || (keep !== null && !context && !keep.has(key))) return this.nodes.has(key);
    this.nodes.set(key, { id: key, sort: "object", column, near, hidden: 0, open: false, context, parent: null, folded: [] });
    return true;
  }

  /** Shows what is one step from an object, at most twenty at a time; the rest is folded. */
  open(key: string): void {
    const parent = this.nodes.get(key);
    if (parent === undefined) return;
    const hops = this.genealogy.from.get(key) ?? [];
    const fresh = [...new Set(hops.map((hop) => hop.far))].filter((far) => !this.nodes.has(far) && this.kept(far)).sort(byText);
    // a fold of a single sibling would take the room of the sibling
    const shown = new Set(fresh.length <= SIBLINGS + 1 ? fresh : fresh.slice(0, SIBLINGS));
    for (const hop of hops) if (shown.has(hop.far) || this.nodes.has(hop.far)) this.follow(hop, parent);
    this.fold(parent, hops, fresh.filter((far) => !shown.has(far)));
  }

  /** One fold an object, kept where it was first placed, and in the scene when it is empty, so that nothing moves. */
  private fold(parent: SceneNode, hops: readonly Hop[], folded: string[]): void {
    const id = `fold:${parent.id}`;
    const there = this.nodes.get(id);
    if (there !== undefined) {
      there.folded = folded;
      there.hidden = folded.length;
    } else if (folded.length > 0) {
      const column = Math.min(...folded.map((far) => this.columns.of.get(far) ?? parent.column + 1));
      const near = [hops.find((hop) => hop.far === folded[0])?.process ?? parent.id];
      this.nodes.set(id, { id, sort: "fold", column, near, hidden: folded.length, open: false, context: false, parent: parent.id, folded });
    }
  }

  private kept(key: string): boolean {
    return this.wanted.keep === null || this.wanted.keep.has(key);
  }

  private follow(hop: Hop, parent: SceneNode, column?: number): void {
    if (hop.process !== null) this.process(hop.process, parent, parent.context);
    this.object(hop.far, [hop.process ?? parent.id], parent.context, column);
  }

  private process(id: string, parent: SceneNode, context: boolean, column = parent.column + 0.5): void {
    const there = this.nodes.get(id);
    if (there === undefined) {
      this.nodes.set(id, { id, sort: "process", column, near: [parent.id], hidden: 0, open: false, context, parent: null, folded: [] });
    } else if (!there.near.includes(parent.id)) there.near.push(parent.id);
  }

  /** One step the other way: context on the other side of the object. */
  otherWay(key: string): void {
    const root = this.nodes.get(key);
    if (root === undefined) return;
    const hops = this.wanted.others.get(key) ?? [];
    const fars = [...new Set(hops.map((hop) => hop.far))].filter((far) => !this.nodes.has(far)).sort(byText);
    const shown = new Set(fars.slice(0, SIBLINGS));
    for (const hop of hops) {
      if (!shown.has(hop.far)) continue;
      if (hop.process !== null) this.process(hop.process, root, true, root.column - 0.5);
      this.object(hop.far, [hop.process ?? key], true, root.column - 1);
      // drawn the way of the walk: from the context to the object
      this.draw({ ...hop, near: hop.far, far: hop.near });
    }
  }

  /** The path to what is selected, drawn even where nothing is open. */
  path(): void {
    for (const hop of this.wanted.path) {
      const near = this.nodes.get(hop.near);
      if (near === undefined) continue;
      this.follow(hop, near, this.columns.of.get(hop.far) ?? Math.floor(near.column) + 1);
      this.draw(hop);
    }
  }

  private draw(hop: Hop): void {
    push(this.hops, [hop.near, hop.process, hop.far].join("\n"), hop);
  }

  scene(opened: ReadonlySet<string>): Scene {
    for (const hops of this.genealogy.from.values()) {
      for (const hop of hops) {
        const drawn = this.nodes.has(hop.near) && this.nodes.has(hop.far) && (hop.process === null || this.nodes.has(hop.process));
        if (drawn && !this.hops.has([hop.near, hop.process, hop.far].join("\n"))) this.draw(hop);
      }
    }
    for (const node of this.nodes.values()) {
      if (node.sort !== "object") continue;
      const next = new Set((this.genealogy.from.get(node.id) ?? []).map((hop) => hop.far).filter((far) => this.kept(far)));
      node.hidden = [...next].filter((far) => !this.nodes.has(far)).length;
      node.open = opened.has(node.id) && next.size > 0;
    }
    return { nodes: [...this.nodes.values()], edges: this.edges(), columns: this.columns.depths.length };
  }

  private edges(): SceneEdge[] {
    const edges = new Map<string, SceneEdge>();
    const add = (from: string, to: string, hop: Hop, certain: boolean, loop: boolean): void => {
      const id = `${from}→${to}`;
      const there = edges.get(id);
      if (there === undefined) edges.set(id, { id, from, to, certain, kind: hop.kind, loop, hops: [hop] });
      else {
        there.hops.push(hop);
        there.certain ||= certain;
      }
    };
    for (const hop of [...this.hops.values()].flat()) {
      if (hop.process === null) add(hop.near, hop.far, hop, hop.certain, this.loops(hop));
      else {
        add(hop.near, hop.process, hop, hop.certain, false);
        add(hop.process, hop.far, hop, hop.certain, this.loops(hop));
      }
    }
    for (const node of this.nodes.values()) {
      const near = node.sort === "fold" && node.hidden > 0 ? node.near[0] : undefined;
      if (near !== undefined && this.nodes.has(near)) edges.set(`${near}→${node.id}`, { id: `${near}→${node.id}`, from: near, to: node.id, certain: true, kind: "transformed", loop: false, hops: [] });
    }
    return [...edges.values()];
  }

  private loops(hop: Hop): boolean {
    if (hop.near === hop.far) return true;
    const cycle = this.wanted.cycles.get(hop.near);
    const back = (this.columns.of.get(hop.far) ?? 0) <= (this.columns.of.get(hop.near) ?? 0);
    return back && cycle !== undefined && cycle === this.wanted.cycles.get(hop.far);
  }
}
