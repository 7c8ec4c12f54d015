/** From the answer to a drawing: the loaded genealogy, what of it is shown, the places, what is lit and what was found. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { drawnQuery, neighboursQuery, pathQuery, type Answer, type Asked } from "./api";
import { cyclesOf, genealogyOf, hopsOfPath, pathsTo, type Genealogy, type Hop } from "./genealogy";
import { nameOf, type Names } from "./labels";
import { placesNow, placesOf, type Point } from "./places";
import { firstActs, sceneOf, type Scene } from "./scene";
import { toldPath } from "./explain";
import { rootsOf, unfiltered } from "./state";
import { isFiltered, type View } from "./view";

/** The most things asked about that are drawn side by side. */
const ROOTS = 40;

export interface Drawn {
  genealogy: Genealogy;
  scene: Scene;
  places: ReadonlyMap<string, Point>;
  names: Names;
  roots: readonly string[];
  acts: readonly string[];
  /** The selected object and what its paths from the seeds go through; null when nothing is selected. */
  lit: ReadonlySet<string> | null;
  /** Objects whose number or name has what is looked for, in the order of the answer. */
  hits: readonly string[];
  /** True number of what is next to an object, where the loaded answer is cut. */
  trueNext: ReadonlyMap<string, number>;
  depth: number;
}

export function useDrawing(view: View, asked: Asked, answer: Answer): { drawn: Drawn | null; error: Error | null } {
  const whole = useWhole(view, asked, answer);
  const roots = useMemo(() => (view.focus === undefined ? rootsOf(answer).slice(0, ROOTS) : [view.focus]), [answer, view.focus]);
  const acts = useMemo(() => view.open ?? firstActs(roots), [view.open, roots]);
  const genealogy = useMemo(() => (whole.data === undefined ? null : genealogyOf(whole.data, asked.direction)), [whole.data, asked.direction]);
  const cycles = useMemo(() => (genealogy === null ? new Map<string, number>() : cyclesOf(genealogy)), [genealogy]);
  const others = useOthers(view, asked, acts);
  const path = usePath(view, asked);
  const kept = useKept(view, asked, genealogy, roots);
  const scene = useMemo(
    () => (genealogy === null || kept === undefined ? null : sceneOf(genealogy, { roots, acts, path, others: others.hops, cycles, keep: kept })),
    [genealogy, roots, acts, path, others, cycles, kept],
  );
  const places = usePlaces(scene, asked.direction === "backward");
  const names = useMemo(() => ({ ...others.names, ...whole.data?.names, ...answer.names }), [others, whole.data, answer]);
  const hits = useMemo(() => hitsOf(genealogy, names, view.find), [genealogy, names, view.find]);
  const trueNext = useTrueNext(view, asked, scene, whole.data?.next != null);
  const error = whole.error;
  if (genealogy === null || scene === null || places === null) return { drawn: null, error };
  const depth = Math.max(0, ...[...genealogy.objects.values()].map((one) => one.depth));
  return { drawn: { genealogy, scene, places, names, roots, acts, lit: litOf(view, genealogy, path), hits, trueNext, depth }, error };
}

/** The answer that is drawn: the page that is here if it is all, else the first two thousand. */
function useWhole(view: View, asked: Asked, answer: Answer) {
  const complete = answer.next === null && !isFiltered(view) && !answer.capped;
  const more = useQuery({ ...drawnQuery(unfiltered(asked)), enabled: !complete });
  return complete ? { data: answer, error: null } : { data: more.data, error: more.error };
}

/** One step the other way from the objects that the acts name. */
function useOthers(view: View, asked: Asked, acts: readonly string[]): { hops: Map<string, Hop[]>; names: Names } {
  const direction = asked.direction === "forward" ? "backward" : "forward";
  const keys = useMemo(() => acts.filter((act) => act.startsWith("<")).map((act) => act.slice(1)), [acts]);
  const found = useSteps(view, keys, direction, 100);
  return useMemo(() => {
    const hops = new Map(keys.flatMap((key, number) => {
      const told = found[number];
      return told === undefined ? [] : [[key, [...(genealogyOf(told, direction).from.get(key) ?? [])]]];
    }));
    return { hops, names: Object.assign({}, ...found.map((one) => one?.names)) as Record<string, string> };
  }, [keys, found, direction]);
}

/** One step from each of these objects; the same array while the answers are the same. */
function useSteps(view: View, keys: readonly string[], direction: Asked["direction"], limit: number): (Answer | undefined)[] {
  const times = { known_at: view.known_at ?? null, happened_by: view.happened_by ?? null };
  return useQueries({
    queries: keys.map((object) => neighboursQuery({ object, direction, ...times, limit })),
    combine: (results) => results.map((one) => one.data),
  });
}

function usePath(view: View, asked: Asked): readonly Hop[] {
  const found = useQuery({ ...pathQuery(unfiltered(asked), view.selected ?? ""), enabled: view.selected !== undefined });
  const path = found.data;
  return useMemo(() => (path === undefined ? [] : hopsOfPath(toldPath(path), asked.direction)), [path, asked.direction]);
}

/** What a filter lets through with the paths to it; null without filter, undefined while it is being asked. */
function useKept(view: View, asked: Asked, genealogy: Genealogy | null, roots: readonly string[]): ReadonlySet<string> | null | undefined {
  const filtered = isFiltered(view);
  const matching = useQuery({ ...drawnQuery(asked), enabled: filtered });
  return useMemo(() => {
    if (!filtered || genealogy === null) return null;
    if (matching.data === undefined) return undefined;
    return new Set([...roots, ...pathsTo(genealogy, matching.data.objects.map((one) => one.object), () => true)]);
  }, [filtered, genealogy, matching.data, roots]);
}

function usePlaces(scene: Scene | null, mirrored: boolean): ReadonlyMap<string, Point> | null {
  const near = useMemo(() => (scene === null ? null : placesNow(scene.nodes, mirrored)), [scene, mirrored]);
  const [far, setFar] = useState<{ scene: Scene; places: ReadonlyMap<string, Point> } | null>(null);
  useEffect(() => {
    if (scene === null || near !== null) return;
    return placesOf(scene.nodes, mirrored, (places) => { setFar({ scene, places }); });
  }, [scene, near, mirrored]);
  if (near !== null || scene === null) return near;
  return far?.scene === scene ? far.places : null;
}

function hitsOf(genealogy: Genealogy | null, names: Names, find: string | undefined): string[] {
  const wanted = find?.trim().toLowerCase() ?? "";
  if (genealogy === null || wanted === "") return [];
  return [...genealogy.objects.keys()].filter((key) => `${key} ${nameOf(key, names) ?? ""}`.toLowerCase().includes(wanted));
}

function litOf(view: View, genealogy: Genealogy, path: readonly Hop[]): ReadonlySet<string> | null {
  if (view.selected === undefined) return null;
  const lit = pathsTo(genealogy, [view.selected], () => true);
  for (const hop of path) {
    lit.add(hop.near);
    lit.add(hop.far);
  }
  return lit;
}

/** How many there truly are beside a fold, asked for where the loaded answer is cut. */
function useTrueNext(view: View, asked: Asked, scene: Scene | null, cut: boolean): ReadonlyMap<string, number> {
  const parents = useMemo(() => (cut && scene !== null ? foldedParents(scene) : []), [cut, scene]);
  const found = useSteps(view, parents, asked.direction, 1);
  return useMemo(
    () => new Map(parents.flatMap((key, number) => {
      const totals = found[number]?.totals;
      return totals === undefined ? [] : [[key, totals.objects - 1]];
    })),
    [parents, found],
  );
}

function foldedParents(scene: Scene): string[] {
  return scene.nodes.flatMap((node) => (node.sort === "fold" && node.parent !== null ? [node.parent] : [])).slice(0, 20);
}
