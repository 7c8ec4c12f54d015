/** The layout of large scenes, away from the page. */
import { placesOf } from "./layout";
import type { SceneNode } from "./scene";

addEventListener("message", (event: MessageEvent<{ nodes: SceneNode[]; mirrored: boolean }>) => {
  postMessage([...placesOf(event.data.nodes, event.data.mirrored)]);
});
