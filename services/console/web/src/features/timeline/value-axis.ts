/** How charts label their values: left of the plot where there is a gutter, within it on a phone. Pure. */

const ROOM = 44;

/** Pixels of the gutter that a chart takes for its labels. */
export function labelRoom(gutter: number): number {
  return Math.min(gutter, ROOM);
}

/** Within the plot a label stands on a ground of its own, above what is drawn. */
export function valueLabel(dark: boolean, gutter: number): object {
  const color = dark ? "#a9b4bf" : "#566573";
  if (gutter > 0) return { color, fontSize: 11 };
  return { inside: true, color, fontSize: 11, verticalAlign: "bottom", margin: 2, z: 5, backgroundColor: dark ? "rgba(24,31,39,0.75)" : "rgba(255,255,255,0.75)" };
}
