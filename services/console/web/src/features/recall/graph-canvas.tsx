/** Cytoscape on the page: takes elements with their places, tells clicks, and keeps its view when things are added. */
import cytoscape, { type Core, type ElementDefinition } from "cytoscape";
import { useEffect, useImperativeHandle, useRef, type ReactNode, type Ref } from "react";
import { colorsOf, graphStyle } from "./graph-style";

export interface Canvas {
  fit: () => void;
  /** Brings a node into sight without changing the scale, if it is not. */
  show: (id: string) => void;
  zoom: (factor: number) => void;
  /** The whole graph, sharp, with its background. */
  picture: () => Promise<Blob>;
  /** The node next to one, in a direction on the screen. */
  next: (id: string | undefined, key: string) => string | undefined;
}

interface Props {
  elements: readonly ElementDefinition[];
  dark: boolean;
  canvas: Ref<Canvas>;
  onTap: (id: string | null) => void;
  onDoubleTap: (id: string) => void;
}

/** The largest picture that browsers draw surely, in pixels a side. */
const WIDEST = 8_000;

export function GraphCanvas({ elements, dark, canvas, onTap, onDoubleTap }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const graph = useRef<Core>(null);
  const acts = useRef({ onTap, onDoubleTap });
  useEffect(() => { acts.current = { onTap, onDoubleTap }; });
  useEffect(() => {
    const made = cytoscape({ container: box.current, minZoom: 0.05, maxZoom: 3, boxSelectionEnabled: false, autoungrabify: true, autounselectify: true, textureOnViewport: true, hideEdgesOnViewport: false });
    made.on("tap", (event) => {
      const id = event.target === made ? null : (event.target as { id: () => string }).id();
      acts.current.onTap(id);
    });
    made.on("dbltap", "node", (event) => { acts.current.onDoubleTap((event.target as { id: () => string }).id()); });
    let moved = false;
    made.on("scrollzoom dragpan pinchzoom", () => { moved = true; });
    // beside the details there is less room: what nobody has moved yet is fitted anew
    const room = new ResizeObserver(() => {
      made.resize();
      if (!moved) fit(made);
    });
    if (box.current !== null) room.observe(box.current);
    graph.current = made;
    return () => {
      room.disconnect();
      graph.current = null;
      made.destroy();
    };
  }, []);
  useEffect(() => { graph.current?.style(graphStyle(colorsOf(dark))); }, [dark]);
  useEffect(() => {
    const made = graph.current;
    if (made === null) return;
    const first = made.elements().empty();
    update(made, elements);
    if (first) fit(made);
  }, [elements]);
  useImperativeHandle(canvas, () => ({
    fit: () => { if (graph.current !== null) fit(graph.current); },
    show: (id) => { if (graph.current !== null) show(graph.current, id); },
    zoom: (factor) => { graph.current?.zoom({ level: graph.current.zoom() * factor, renderedPosition: { x: graph.current.width() / 2, y: graph.current.height() / 2 } }); },
    picture: async () => {
      if (graph.current === null) throw new Error("no graph");
      const { w, h } = graph.current.elements().boundingBox();
      const scale = Math.min(2, WIDEST / Math.max(w, h, 1));
      return await graph.current.png({ full: true, scale, bg: colorsOf(dark).panel, output: "blob-promise" });
    },
    next: (id, key) => (graph.current === null ? undefined : nextOf(graph.current, id, key)),
  }), [dark]);
  return <div ref={box} className="recall-canvas" />;
}

/** Fits the whole, but never larger than life. */
function fit(graph: Core): void {
  graph.fit(undefined, 24);
  if (graph.zoom() > 1) {
    graph.zoom(1);
    graph.center();
  }
}

function update(graph: Core, elements: readonly ElementDefinition[]): void {
  const wanted = new Map(elements.map((one) => [one.data.id ?? "", one]));
  graph.batch(() => {
    graph.elements().filter((one) => !wanted.has(one.id())).remove();
    for (const one of elements) {
      const there = graph.getElementById(one.data.id ?? "");
      if (there.empty()) graph.add(one);
      else {
        there.data(one.data);
        there.classes(one.classes ?? "");
        if (one.position !== undefined) there.position(one.position);
      }
    }
  });
}

function show(graph: Core, id: string): void {
  const node = graph.getElementById(id);
  if (node.empty()) return;
  const at = node.renderedBoundingBox();
  const outside = at.x1 < 0 || at.y1 < 0 || at.x2 > graph.width() || at.y2 > graph.height();
  if (outside) graph.center(node);
}

const WAYS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The nearest object or fold in a direction; sideways distance counts double. */
function nextOf(graph: Core, id: string | undefined, key: string): string | undefined {
  const way = WAYS[key];
  const nodes = graph.nodes(".object, .fold");
  const here = id === undefined ? null : graph.getElementById(id);
  if (way === undefined) return undefined;
  if (here === null || here.empty()) return nodes[0]?.id();
  const from = here.position();
  let best: { id: string; far: number } | null = null;
  for (const node of nodes.toArray()) {
    const { x, y } = node.position();
    const ahead = (x - from.x) * way[0] + (y - from.y) * way[1];
    const aside = Math.abs((x - from.x) * way[1]) + Math.abs((y - from.y) * way[0]);
    const far = ahead + 2 * aside;
    if (ahead > 1 && (best === null || far < best.far)) best = { id: node.id(), far };
  }
  return best?.id;
}
