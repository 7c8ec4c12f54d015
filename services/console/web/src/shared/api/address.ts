/** The address's question: every value a text, repeated names a list. Schemas of the routes give them types. */
export type Search = Record<string, string | string[]>;

export function readSearch(text: string): Search {
  const found: Search = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = found[name];
    found[name] = before === undefined ? value : [...(typeof before === "string" ? [before] : before), value];
  }
  return found;
}

/** Leaves out what is undefined, empty lists and false. */
export function writeSearch(search: Record<string, unknown>): string {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof one === "string" || typeof one === "number" || one === true) written.append(name, String(one));
    }
  }
  const text = written.toString();
  return text === "" ? "" : `?${text}`;
}
