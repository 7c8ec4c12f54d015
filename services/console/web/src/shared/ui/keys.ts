/** What people call a key: the last thing it names. `…/01/09521103000014/10/SESAME-0612` is `SESAME-0612`. */
export function shortOf(code: string): string {
  const cut = code.replace(/[?#].*$/, "").replace(/\/+$/, "");
  const last = code.startsWith("urn:") ? cut.slice(cut.lastIndexOf(":") + 1) : cut.slice(cut.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(last) || code;
  } catch {
    return last;
  }
}

/** A key's name where one is known, else what people call it. */
export function nameOf(code: string, names: Record<string, string> | undefined): string {
  return names?.[code] ?? shortOf(code);
}

/** The product class of a lot or item: `…/01/GTIN/10/LOT` is of `…/01/GTIN`. Null for what is not named so. */
export function productOf(code: string): string | null {
  return /^(.+\/01\/\d{14})\/(?:10|21|22|235)\//.exec(code)?.[1] ?? null;
}
