/** "Now" of the view, moved on by refreshing: every so often while the page is seen, at once when it is seen again. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { keysOfTimeline } from "./api";

export interface Refreshing {
  now: number;
  refresh: () => void;
  cancel: () => void;
  /** Something new came by the stream: the panels follow, but not more often than they can be drawn. */
  heard: () => void;
}

const CALM_MS = 3_000;
const DRAWN = new Set(["density", "lanes", "sensor", "marks", "access"]);

/** `every` is asked for the milliseconds between refreshes, which may depend on the span shown; null for never. */
export function useRefresh(every: (now: number) => number | null): Refreshing {
  const client = useQueryClient();
  const [now, setNow] = useState(() => Date.now());
  const everyMs = every(now);
  const last = useRef(0);
  const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
  const refresh = useCallback(() => {
    last.current = Date.now();
    setNow(last.current);
    void client.invalidateQueries({ queryKey: keysOfTimeline.all });
  }, [client]);
  const cancel = useCallback(() => void client.cancelQueries({ queryKey: keysOfTimeline.all }), [client]);
  const heard = useCallback(() => {
    waiting.current ??= setTimeout(() => {
      waiting.current = null;
      if (document.hidden) return;
      setNow(Date.now());
      // the table has its news from the stream itself
      void client.invalidateQueries({ queryKey: keysOfTimeline.all, predicate: ({ queryKey }) => DRAWN.has(String(queryKey[1])) });
    }, CALM_MS);
  }, [client]);
  useEffect(() => () => { if (waiting.current !== null) clearTimeout(waiting.current); }, []);
  useEffect(() => {
    if (everyMs === null) return;
    last.current = Date.now();
    const due = (): void => { if (!document.hidden && Date.now() - last.current >= everyMs) refresh(); };
    const timer = setInterval(due, Math.min(everyMs, 5_000));
    document.addEventListener("visibilitychange", due);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", due);
    };
  }, [everyMs, refresh]);
  return { now, refresh, cancel, heard };
}
