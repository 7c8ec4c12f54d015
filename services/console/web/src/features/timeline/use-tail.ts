/** The live stream, from where a page ended. It ends with the component, and with the session. */
import { useCallback, useEffect, useRef, useState } from "react";
import { follow } from "@/shared/api/event-stream";
import { writeSearch } from "@/shared/api/address";
import { NO_TAIL, tailed, type Tail } from "./tail";
import type { Asked } from "./view";

export interface Live {
  tail: Tail;
  state: "off" | "on" | "broken" | "ended";
  error: unknown;
  setPaused: (paused: boolean) => void;
}

/** `knownAt` is the basis of the page that the stream goes on from; null while there is none. */
export function useTail(on: boolean, asked: Asked, knownAt: string | null, known: ReadonlySet<string>, heard: () => void): Live {
  const [tail, setTail] = useState<Tail>(NO_TAIL);
  const [state, setState] = useState<Live["state"]>("off");
  const [error, setError] = useState<unknown>(null);
  const paused = useRef(false);
  const latest = useRef({ known, heard });
  useEffect(() => { latest.current = { known, heard }; }, [known, heard]);
  const address = knownAt === null ? null : `/api/v1/timeline/stream${writeSearch({ ...asked, to: undefined, known_at: knownAt })}`;
  useEffect(() => {
    if (!on || address === null) return;
    const stop = new AbortController();
    const { signal } = stop;
    follow(address, {
      signal,
      told: (message) => {
        setTail((before) => tailed(before, message, latest.current.known, paused.current));
        latest.current.heard();
      },
      connected: (yes) => { if (!signal.aborted) setState(yes ? "on" : "broken"); },
    }).catch((fault: unknown) => {
      setError(fault);
      setState("ended");
    });
    return () => {
      stop.abort();
      setTail(NO_TAIL);
      setState("off");
      setError(null);
    };
  }, [on, address]);
  const setPaused = useCallback((yes: boolean) => {
    paused.current = yes;
    if (!yes) setTail((before) => (before.waiting === 0 ? before : { ...before, waiting: 0 }));
  }, []);
  return { tail, state, error, setPaused };
}
