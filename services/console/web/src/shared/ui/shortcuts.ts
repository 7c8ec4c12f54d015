/** Keys that act everywhere but in a field; a registry, so that `?` can list them all. */
import { useEffect } from "react";
import type { Key } from "@/shared/i18n/words";

/** One act: button, menu and key agree, since all are this object. `keys` is what is typed in turn, as `t -`. */
export interface Act {
  label: Key;
  keys: string;
  perform: () => void;
}

const acts = new Set<Act>();

/** The acts that can be done now, for the list of shortcuts. */
export function actsNow(): Act[] {
  return [...acts].sort((a, b) => a.keys.localeCompare(b.keys));
}

/** Makes the acts available while the component is shown. Pass a stable list (`useMemo`). */
export function useActs(list: readonly Act[]): void {
  useEffect(() => {
    for (const act of list) acts.add(act);
    return () => {
      for (const act of list) acts.delete(act);
    };
  }, [list]);
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable=true], [role=combobox]") !== null;
}

/** How a key press is written in `keys`. */
function written(event: KeyboardEvent): string {
  const named: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
  const key = named[event.key] ?? event.key;
  return event.ctrlKey || event.metaKey ? `Ctrl+${key}` : key;
}

/** Listens once for the whole console. A second key counts within a second of the first. */
export function listenToKeys(): () => void {
  let before = "";
  let at = 0;
  const pressed = (event: KeyboardEvent): void => {
    if (typing(event.target) || event.altKey) return;
    const key = written(event);
    const pair = event.timeStamp - at < 1000 ? `${before} ${key}` : "";
    const act = [...acts].find((one) => one.keys === pair) ?? [...acts].find((one) => one.keys === key);
    before = key;
    at = event.timeStamp;
    if (act === undefined) return;
    event.preventDefault();
    before = "";
    act.perform();
  };
  document.addEventListener("keydown", pressed);
  return () => {
    document.removeEventListener("keydown", pressed);
  };
}
