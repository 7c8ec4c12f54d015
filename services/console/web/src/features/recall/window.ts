/** Which rows of a long list are in sight; the others are room above and below. Pure. */

export interface Window {
  first: number;
  /** One past the last. */
  end: number;
}

/** Rows to draw for a scroll of `top` pixels in a box of `height`, with some beyond so that scrolling shows no gap. */
export function windowOf(top: number, height: number, row: number, count: number, beyond = 12): Window {
  const first = Math.max(0, Math.min(Math.floor(top / row) - beyond, count));
  return { first, end: Math.min(count, Math.ceil((top + height) / row) + beyond) };
}
