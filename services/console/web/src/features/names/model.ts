/** Names by what they name. */
import { shortOf } from "@/shared/ui/keys";
import type { Entry, Named } from "./api";

export const GROUPS = ["product", "place", "party", "resource", "other"] as const;
export type Group = (typeof GROUPS)[number];

/** Naming things needs the right to record every activity, as an EPCIS document does. */
export const EVERY = [
  "receive", "commission", "make", "inspect", "move", "pack", "unpack", "install", "remove", "ship", "sell", "return", "destroy", "observe", "correct",
] as const;

/** What a key names, by its GS1 key or the type of the vocabulary that it came in. */
export function groupOf(named: Pick<Named, "id" | "type">): Group {
  if (/\/01\/\d{14}$/.test(named.id) || named.type.endsWith("EPCClass")) return "product";
  if (/\/414\/\d/.test(named.id) || /Location|ReadPoint/.test(named.type)) return "place";
  if (/\/417\/\d/.test(named.id) || /Party|SourceDest/.test(named.type)) return "party";
  if (/\/800[34]\/\d/.test(named.id)) return "resource";
  return "other";
}

/** Only places and parties are one's own or somebody else's. */
export function canBeOwn(group: Group): boolean {
  return group === "place" || group === "party";
}

/** Names in which the text stands, in either language or in the code. */
export function matching(names: readonly Named[], group: Group | undefined, text: string): Named[] {
  const wanted = text.trim().toLowerCase();
  return names.filter((one) => (group === undefined || groupOf(one) === group)
    && (wanted === "" || [one.zh ?? "", one.en ?? "", one.id, shortOf(one.id)].some((part) => part.toLowerCase().includes(wanted))));
}

/** A form's values as an entry; what is empty is not recorded. */
export function entryOf(given: { id: string } & Partial<Record<"zh" | "en" | "unit" | "contact", string | null>>): Entry {
  const told = (text: string | null | undefined): string | null => {
    const trimmed = text?.trim() ?? "";
    return trimmed === "" ? null : trimmed;
  };
  return { id: given.id.trim(), zh: told(given.zh), en: told(given.en), unit: told(given.unit), contact: told(given.contact) };
}
