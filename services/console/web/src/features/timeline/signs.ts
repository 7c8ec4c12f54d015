/** What is worth a look about an event, as small signs in its row. Pure. */
import type { Key } from "@/shared/i18n/words";
import type { Entry } from "./types";

export interface Sign {
  kind: "withdrawn" | "declared" | "corrects" | "conflict" | "fail" | "flag";
  label: Key;
  flag?: string;
}

export function signsOf(entry: Entry): Sign[] {
  const found: Sign[] = [];
  if (entry.withdrawn !== null) found.push({ kind: "withdrawn", label: "timeline.sign.withdrawn" });
  else if (entry.corrected_by.length > 0) found.push({ kind: "declared", label: "timeline.sign.declared" });
  if (entry.corrects.length > 0) found.push({ kind: "corrects", label: "timeline.sign.corrects" });
  if (entry.conflicts > 0) found.push({ kind: "conflict", label: "timeline.sign.conflict" });
  if (entry.result === "fail") found.push({ kind: "fail", label: "timeline.sign.fail" });
  const flags = [...new Set(entry.flags.map((one) => one.flag))];
  return [...found, ...flags.map((flag) => ({ kind: "flag" as const, label: "timeline.sign.flag" as const, flag }))];
}
