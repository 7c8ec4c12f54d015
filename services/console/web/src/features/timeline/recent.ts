/** The last four absolute ranges used, kept in the browser. */
import { isRelative, type RawRange } from "@/shared/time/range";

const KEPT = "stemma.ranges";
const MOST = 4;

export function recentRanges(): RawRange[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(read) ? read.filter(isRaw).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

function isRaw(one: unknown): one is RawRange {
  return typeof one === "object" && one !== null && "from" in one && "to" in one && typeof one.from === "string" && typeof one.to === "string";
}

/** A range that follows the clock is none to be kept. */
export function keepRange(raw: RawRange): void {
  if (isRelative(raw.from) || isRelative(raw.to)) return;
  const others = recentRanges().filter((one) => one.from !== raw.from || one.to !== raw.to);
  localStorage.setItem(KEPT, JSON.stringify([raw, ...others].slice(0, MOST)));
}
