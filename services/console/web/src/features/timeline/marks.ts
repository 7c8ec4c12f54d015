/** The registry of marks: whoever has something to mark adds a kind, and it is drawn, listed, counted and hidden with the rest. Pure. */
import type { Key } from "@/shared/i18n/words";
import type { Range } from "@/shared/time/range";
import type { MarkRead } from "./types";

export interface MarkKind {
  kind: string;
  label: Key;
  /** Letter in the mark, so that it reads in grey too. */
  sign: string;
  /** A stretch of time rather than a moment. */
  region: boolean;
}

export const MARKS: readonly MarkKind[] = [
  { kind: "correction", label: "timeline.mark.correction", sign: "✎", region: false },
  { kind: "conflict", label: "timeline.mark.conflict", sign: "≠", region: false },
  { kind: "failed_inspection", label: "timeline.mark.failed_inspection", sign: "✕", region: false },
  { kind: "gap", label: "timeline.mark.gap", sign: "…", region: true },
];

export interface Mark {
  kind: MarkKind;
  at: number;
  /** End of a region; null while it lasts. */
  until: number | null;
  told: MarkRead;
}

/** Marks of the kinds that are not hidden, by time. A kind that this console does not know is none. */
export function marksOf(told: readonly MarkRead[], hidden: readonly string[] | undefined): Mark[] {
  return told.flatMap((one) => {
    const kind = MARKS.find((other) => other.kind === one.kind);
    if (kind === undefined || hidden?.includes(one.kind) === true) return [];
    return [{ kind, at: Date.parse(one.from), until: one.to === null ? null : Date.parse(one.to), told: one }];
  });
}

/** Where a region is hung up: its beginning, or the range's if that is later. */
export function placeOf(mark: Mark, range: Range): number {
  return mark.kind.region ? Math.max(mark.at, range.from) : mark.at;
}

/** Gaps that are long for what is looked at: two hours of a day or two, else a day. */
export function gapOf(range: Range): string {
  return range.to - range.from <= 2 * 86_400_000 ? "2h" : "1d";
}

export function hiddenAfter(hidden: readonly string[] | undefined, kind: string): string[] | undefined {
  const now = hidden ?? [];
  const next = now.includes(kind) ? now.filter((one) => one !== kind) : [...now, kind];
  return next.length === 0 ? undefined : next;
}
