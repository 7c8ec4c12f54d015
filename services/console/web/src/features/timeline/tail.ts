/** What the live stream told, beside the page it began after. Pure. */
import { z } from "@/shared/api/zod";
import type { Message } from "@/shared/api/event-stream";
import type { Entry } from "./types";

export interface Tail {
  /** New entries, the newest recorded first. */
  entries: readonly Entry[];
  /** Newer forms of entries, by eventID: what a correction says of an event already shown. */
  newer: ReadonlyMap<string, Entry>;
  /** How many came since the reader stopped to look. */
  waiting: number;
}

export const NO_TAIL: Tail = { entries: [], newer: new Map(), waiting: 0 };
/** Entries kept; the oldest go, and the table says so by its total. */
const MOST = 2_000;

/** Enough to tell a message of ours from anything else; the rest is the API's own shape. */
const ENTRY = z.looseObject({ event: z.string(), time: z.string(), type: z.string(), objects: z.array(z.unknown()), corrected_by: z.array(z.unknown()) });

export function entryOf(message: Message): Entry | null {
  if (message.name !== "event" && message.name !== "correction") return null;
  try {
    const read: unknown = JSON.parse(message.data);
    return isEntry(read) ? read : null;
  } catch {
    return null;
  }
}

function isEntry(read: unknown): read is Entry {
  return ENTRY.safeParse(read).success;
}

/** The tail with one message more. `known` are the events of the page: they change and are not listed anew. */
export function tailed(tail: Tail, message: Message, known: ReadonlySet<string>, paused: boolean): Tail {
  const entry = entryOf(message);
  if (entry === null) return tail;
  const waiting = paused ? tail.waiting + 1 : 0;
  const newer = new Map(tail.newer).set(entry.event, entry);
  if (known.has(entry.event) || tail.entries.some((one) => one.event === entry.event)) return { ...tail, newer, waiting };
  return { entries: [entry, ...tail.entries].slice(0, MOST), newer, waiting };
}

/** What the table shows: the tail above the page (below it when the oldest come first), each event once, as last told. */
export function joined(tail: Tail, page: readonly Entry[], order: "asc" | "desc"): Entry[] {
  const seen = new Set<string>();
  const all = order === "desc" ? [...tail.entries, ...page] : [...page, ...tail.entries.toReversed()];
  return all.flatMap((one) => {
    if (seen.has(one.event)) return [];
    seen.add(one.event);
    return [tail.newer.get(one.event) ?? one];
  });
}
