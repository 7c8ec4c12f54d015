/** Where something that needs attention is looked at. */
import type { Right } from "@/shared/api/session";
import type { Need } from "./api";

export type Look =
  | { to: "/timeline"; search: { from?: string; to?: string } }
  | { to: "/refused" }
  | { to: "/system" };

/** Null where the caller has no page for it: it is then told without a link. */
export function lookOf(need: Need, may: (right: Right) => boolean): Look | null {
  switch (need.kind) {
    case "conflict":
    case "failed_inspection":
    case "correction":
      return may("query") ? { to: "/timeline", search: windowOf(need.look) } : null;
    case "refused":
      return { to: "/refused" };
    default:
      return may("operate") ? { to: "/system" } : null;
  }
}

/** The window that a call of the API names, as the timeline's address has it: a little wider, so that ends are seen. */
export function windowOf(look: string): { from?: string; to?: string } {
  const asked = new URLSearchParams(look.slice(look.indexOf("?") + 1));
  const [from, to] = [asked.get("from"), asked.get("to")];
  if (from === null || to === null) return {};
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const margin = Math.max(3_600_000, (end - begin) * 0.03);
  return { from: new Date(begin - margin).toISOString(), to: new Date(end + margin).toISOString() };
}
