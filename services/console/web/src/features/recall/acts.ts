/** The acts of a graph as lists: what a press adds to them or takes away. Pure. */
import type { Genealogy } from "./genealogy";
import { firstActs, stageOf, type SceneNode } from "./scene";

/** How many stages are open by acts on stages. */
export function depthShown(acts: readonly string[]): number {
  return Math.max(0, ...acts.map((act) => stageOf(act) ?? 0));
}

/** The acts with `depth` stages open: one more is added at the end, so that nothing moves; fewer closes what was opened beyond. */
export function stages(acts: readonly string[], depth: number): string[] {
  if (depth > depthShown(acts)) return [...acts, `+${depth}`];
  const kept = acts.filter((act) => act.startsWith("<"));
  return [...Array.from({ length: Math.max(depth, 0) }, (_, number) => `+${number + 1}`), ...kept];
}

/** As at first: one step each way. */
export function closeAll(roots: readonly string[]): string[] {
  return firstActs(roots);
}

/** Opens a closed object, closes an open one. */
export function acting(acts: readonly string[], node: Pick<SceneNode, "id" | "open" | "hidden" | "context">, genealogy: Genealogy): string[] {
  const own = new Set([node.id, `-${node.id}`, `more:${node.id}`]);
  const others = acts.filter((act) => !own.has(act));
  if (node.context) return acts.includes(`<${node.id}`) ? acts.filter((act) => act !== `<${node.id}`) : [...acts, `<${node.id}`];
  const depth = genealogy.objects.get(node.id)?.depth ?? 0;
  const byStage = others.some((act) => (stageOf(act) ?? 0) > depth);
  if (node.open) return byStage ? [...others, `-${node.id}`] : others;
  return byStage ? others : [...others, node.id];
}
