/** The one catalogue of words, gathered from `services/console/words/*.json`; keys are typed by what stands there. */
import names from "@words/names.json";
import home from "@words/home.json";
import objects from "@words/objects.json";
import people from "@words/people.json";
import problems from "@words/problems.json";
import recall from "@words/recall.json";
import shell from "@words/shell.json";
import system from "@words/system.json";
import timeline from "@words/timeline.json";
import units from "@words/units.json";
import vocabulary from "@words/vocabulary.json";

export const WORDS = { ...shell, ...problems, ...vocabulary, ...home, ...objects, ...recall, ...timeline, ...names, ...people, ...system, ...units };
export type Key = keyof typeof WORDS;
export type Language = "zh" | "en" | "__test__";

/** The words of a key, with `{name}` filled in. In `__test__` the key itself, so that a page shows what is no word of the catalogue. */
export function wordsOf(language: Language, key: Key, given: Record<string, string | number> = {}): string {
  const text = language === "__test__" ? `⟦${key}⟧` : WORDS[key][language];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(given[name] ?? whole));
}

/** True for a key of the catalogue: for keys put together from an answer, as `status.` and a state. */
export function isKey(text: string): text is Key {
  return Object.hasOwn(WORDS, text);
}
