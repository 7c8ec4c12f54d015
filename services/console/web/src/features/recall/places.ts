/** Where the layout runs: here for a scene that takes no time, in a worker for a large one. */
import { placesOf as layout, type Point } from "./layout";
import type { SceneNode } from "./scene";

export type { Point };

/** Nodes up to which a layout is quicker than the way to a worker and back. */
const AT_ONCE = 500;

export function placesNow(nodes: readonly SceneNode[], mirrored: boolean): Map<string, Point> | null {
  return nodes.length <= AT_ONCE ? layout(nodes, mirrored) : null;
}

/** Tells the places when they are found; the answer ends the worker. */
export function placesOf(nodes: readonly SceneNode[], mirrored: boolean, told: (places: Map<string, Point>) => void): () => void {
  const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", (event: MessageEvent<[string, Point][]>) => { told(new Map(event.data)); });
  worker.postMessage({ nodes, mirrored });
  return () => { worker.terminate(); };
}
