/** What a form about a name becomes. */
import type { Entry, Kind, Named } from "./api";

export const KINDS = ["product", "place", "party", "resource", "operator"] as const satisfies readonly Kind[];

/** Naming things needs the right to record every activity, as an EPCIS document does. */
export const EVERY = [
  "receive", "commission", "make", "inspect", "move", "pack", "unpack", "install", "remove", "ship", "sell", "return", "destroy", "observe", "correct",
] as const;

/** Only places and parties are one's own or somebody else's. */
export function canBeOwn(kind: string): boolean {
  return kind === "place" || kind === "party";
}

type Text = "zh" | "en" | "unit" | "contact" | "address";

/** A form's texts, and whether it was switched to be one's own; null for what has no such switch. */
export type Given = { id: string; own?: boolean } & Partial<Record<Text, string | null>>;

/**
 * A form's values as an entry; what is empty is not recorded. Whether it is one's own is said if that was said of it before
 * (`before`) or is other than it is now (`own`), so that a mere name leaves the list of one's own as it is.
 */
export function entryOf(given: Given, before: Pick<Named, "kind" | "own"> | null, own: boolean): Entry {
  const told = (field: Text): string | null => {
    const text = given[field]?.trim() ?? "";
    return text === "" ? null : text;
  };
  const said = given.own !== undefined && (before?.own != null || given.own !== own) ? given.own : null;
  return { id: given.id.trim(), kind: null, own: said, zh: told("zh"), en: told("en"), unit: told("unit"), contact: told("contact"), address: told("address") };
}
