/** What an object is called in a sentence, in the graph and in lists. Pure. */
import { shortOf } from "@/shared/ui/keys";

export type Names = Readonly<Record<string, string>>;

/** The key of the product that a lot or item key says, or null. */
export function productOf(key: string): string | null {
  const cut = key.replace(/\/(?:10|21|lot|serial)\/[^/]+$/, "");
  return cut === key ? null : cut;
}

/** Its own name, or its product's. */
export function nameOf(key: string, names: Names): string | null {
  return names[key] ?? names[productOf(key) ?? ""] ?? null;
}

/** "Dough D-0612-1": the product and the number. */
export function labelOf(key: string, names: Names): string {
  const product = names[productOf(key) ?? ""];
  return product === undefined ? (names[key] ?? shortOf(key)) : `${product} ${shortOf(key)}`;
}
