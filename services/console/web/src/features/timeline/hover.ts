/** Where the pointer is on the axis, told to whoever draws a crosshair without drawing the page anew. */
import { useSyncExternalStore } from "react";

export class Hover {
  at: number | null = null;
  private readonly listeners = new Set<() => void>();

  set(at: number | null): void {
    if (at === this.at) return;
    this.at = at;
    for (const listener of this.listeners) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

export function useHover(hover: Hover): number | null {
  return useSyncExternalStore(hover.subscribe, () => hover.at);
}
