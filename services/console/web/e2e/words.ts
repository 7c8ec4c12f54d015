/** The catalogue's words in the project's language, for what a journey looks for. */
import { readdirSync, readFileSync } from "node:fs";
import { test } from "@playwright/test";

const FOLDER = new URL("../../words/", import.meta.url);
const WORDS = Object.assign(
  {}, ...readdirSync(FOLDER).filter((name) => name.endsWith(".json")).map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf-8")) as object),
) as Record<string, { zh: string; en: string }>;

export const language = (): "zh" | "en" => (test.info().project.name.startsWith("zh") ? "zh" : "en");
export const narrow = (): boolean => test.info().project.name.includes("-360-");

/** The words of a key in the project's language, gaps filled. */
export function say(key: string, given: Record<string, string | number> = {}): string {
  const words = WORDS[key];
  if (words === undefined) throw new Error(`no words for ${key}`);
  return words[language()].replace(/\{(\w+)\}/g, (_, name: string) => String(given[name]));
}
