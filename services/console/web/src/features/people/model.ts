/** What pages about people show of answers, without asking anything. */
import type { Access } from "./api";

/** A one-time link as its owner opens it: the service gives it as a path. */
export function wholeLink(origin: string, link: string): string {
  return new URL(link, origin).href;
}

/** Said by the columns already, or too long to be told: whole settings. */
const ELSEWHERE = new Set(["account", "key", "settings"]);

/** What stands in `about`, as lines of name and value; lists are told with their parts apart. */
export function aboutOf(access: Access): [name: string, value: string[]][] {
  return Object.entries(access.about)
    .filter(([name, value]) => !ELSEWHERE.has(name) && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => [name, (Array.isArray(value) ? value as unknown[] : [value]).map(textOf)]);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
