/** What the pages of objects work out of answers, without asking anything. */
import type { Characteristic, Found } from "./api";

/** A decimal text as digits and scale; null for what is no number. */
function decimalOf(text: string): { digits: bigint; scale: number } | null {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text.trim());
  if (match === null) return null;
  const [, sign = "", whole = "0", part = ""] = match;
  const digits = BigInt(whole + part);
  return { digits: sign === "-" ? -digits : digits, scale: part.length };
}

/** Less than, equal or more, exact; null where one of both is no decimal. */
export function compareDecimals(one: string, other: string): number | null {
  const [a, b] = [decimalOf(one), decimalOf(other)];
  if (a === null || b === null) return null;
  const left = a.digits * 10n ** BigInt(b.scale);
  const right = b.digits * 10n ** BigInt(a.scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

export type Verdict = "within" | "below" | "above" | "unlimited";

/** A measured value against its limits, both included. */
export function verdictOf(measured: Characteristic): Verdict {
  const value = String(measured.value);
  if (measured.low != null && compareDecimals(value, measured.low) === -1) return "below";
  if (measured.high != null && compareDecimals(value, measured.high) === 1) return "above";
  return measured.low == null && measured.high == null ? "unlimited" : "within";
}

/** Kinds of what can be found that have a page of an object. */
const OBJECTS = new Set(["item", "lot", "product", "logistic_unit", "asset", "other"]);

export type Where =
  | { to: "/object"; search: { id: string } }
  | { to: "/timeline"; search: Partial<Record<"var-place" | "var-resource" | "var-operator" | "var-party" | "var-document", string[]>> };

/** Where a find is looked at: objects on their page, everything else on the timeline of what happened with it. */
export function whereOf(found: Found): Where {
  if (OBJECTS.has(found.kind)) return { to: "/object", search: { id: found.id } };
  const one = [found.id];
  if (found.kind === "place") return { to: "/timeline", search: { "var-place": one } };
  if (found.kind === "resource") return { to: "/timeline", search: { "var-resource": one } };
  if (found.kind === "operator") return { to: "/timeline", search: { "var-operator": one } };
  if (found.kind === "party") return { to: "/timeline", search: { "var-party": one } };
  return { to: "/timeline", search: { "var-document": one } };
}

/** Finds in groups, objects first; each key once, in the order found. An asset that is a resource too is an asset. */
export function grouped(found: readonly Found[]): [kind: string, found: Found[]][] {
  const groups = new Map<string, Found[]>();
  const seen = new Set<string>();
  for (const one of [...found].sort((a, b) => Number(OBJECTS.has(b.kind)) - Number(OBJECTS.has(a.kind)))) {
    if (seen.has(one.id)) continue;
    seen.add(one.id);
    groups.set(one.kind, [...(groups.get(one.kind) ?? []), one]);
  }
  return [...groups];
}

/** The objects that have a whole number or key in common: several mean that a number is ambiguous. */
export function namesakes(found: readonly Found[]): Found[] {
  return found.filter((one) => OBJECTS.has(one.kind) && (one.match === "number" || one.match === "key"));
}

/** The one object that a text stands for by its whole number or key. Null for none or several. */
export function meantOf(found: readonly Found[]): Found | null {
  const [one, ...others] = namesakes(found);
  return one !== undefined && others.length === 0 ? one : null;
}
