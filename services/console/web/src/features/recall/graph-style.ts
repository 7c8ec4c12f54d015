/** How the graph looks: colour and icon for a state, shape and dashes for certainty, so that it reads in grey too. */
import type { EdgeSingular, StylesheetJson } from "cytoscape";

interface Tint {
  light: string;
  dark: string;
  /** Path of a 24 × 24 icon. */
  icon: string;
}

const STATES: Readonly<Record<string, Tint>> = {
  in_stock: { light: "#1d7a45", dark: "#49b675", icon: "M3 9 12 4l9 5v11H3zM8 20v-7h8v7" },
  in_process: { light: "#2f54c9", dark: "#85a5ff", icon: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v4M12 18v4M2 12h4M18 12h4M5 5l3 3M16 16l3 3M19 5l-3 3M8 16l-3 3" },
  in_transit: { light: "#a15c00", dark: "#e0a33c", icon: "M2 6h12v10H2zM14 10h4l4 4v2h-8M6 16a2 2 0 1 0 .1 4M18 16a2 2 0 1 0 .1 4" },
  delivered: { light: "#b8371f", dark: "#f58466", icon: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12l3 3 5-6" },
  consumed: { light: "#566573", dark: "#a9b4bf", icon: "M9 3h6M10 3v6l-5 10a1 1 0 0 0 1 2h12a1 1 0 0 0 1-2L14 9V3" },
  installed: { light: "#722ed1", dark: "#b37feb", icon: "M4 8h6V4h4v4h6v6h-4v6H8v-6H4z" },
  destroyed: { light: "#566573", dark: "#a9b4bf", icon: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v6M14 11v6" },
  returned: { light: "#08787a", dark: "#3fc4c6", icon: "M9 5 4 10l5 5M4 10h10a6 6 0 0 1 0 12h-3" },
  unknown: { light: "#566573", dark: "#a9b4bf", icon: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2.500M12 18v1" },
};

const UNKNOWN: Tint = { light: "#566573", dark: "#a9b4bf", icon: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2.500M12 18v1" };

export function tintOf(state: string, dark: boolean): { color: string; icon: string } {
  const tint = STATES[state] ?? UNKNOWN;
  const color = dark ? tint.dark : tint.light;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 24 24" fill="none" stroke="${color}" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"><path d="${tint.icon}"/></svg>`;
  return { color, icon: `data:image/svg+xml;utf8,${encodeURIComponent(svg)}` };
}

export interface Colors {
  panel: string;
  text: string;
  muted: string;
  line: string;
  accent: string;
}

export function colorsOf(dark: boolean): Colors {
  return dark
    ? { panel: "#181f27", text: "#e4e9ee", muted: "#a9b4bf", line: "#5b6875", accent: "#5cc0e0" }
    : { panel: "#ffffff", text: "#1c2530", muted: "#566573", line: "#8a97a3", accent: "#0b6e8f" };
}

const FONT = 'system-ui, "Segoe UI", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';

/** What an edge's data holds as a list of numbers. */
function numbersOf(name: string): (edge: EdgeSingular) => number[] {
  return (edge) => {
    const given: unknown = edge.data(name);
    return Array.isArray(given) ? given.filter((one) => typeof one === "number") : [];
  };
}

export function graphStyle(colors: Colors): StylesheetJson {
  return [
    { selector: "node", style: { "font-family": FONT, color: colors.text, "font-size": 12, "text-wrap": "wrap", "text-valign": "center", "overlay-opacity": 0 } },
    {
      selector: "node.object",
      style: {
        shape: "round-rectangle", width: 172, height: 46, label: "data(label)", "background-color": colors.panel, "border-width": 2, "border-color": "data(color)",
        "background-image": "data(icon)", "background-width": 18, "background-height": 18, "background-position-x": 8, "background-position-y": "50%",
        "background-clip": "none", "text-margin-x": 14, "text-max-width": "132px", "text-overflow-wrap": "anywhere",
      },
    },
    { selector: "node.possible", style: { shape: "cut-rectangle", "border-style": "dashed" } },
    { selector: "node.root", style: { "border-width": 4 } },
    { selector: "node.context", style: { "border-width": 1, "border-color": colors.line, color: colors.muted, "border-style": "dotted" } },
    {
      selector: "node.process",
      style: { shape: "ellipse", width: 18, height: 18, "background-color": colors.line, label: "data(label)", "text-valign": "bottom", "text-margin-y": 3, "font-size": 10, color: colors.muted, "text-max-width": "110px" },
    },
    { selector: "node.fold", style: { shape: "round-rectangle", width: 172, height: 46, label: "data(label)", "background-color": colors.panel, "border-width": 2, "border-style": "double", "border-color": colors.muted, color: colors.muted, "text-max-width": "160px" } },
    { selector: "node.head", style: { width: 1, height: 1, "background-opacity": 0, "border-width": 0, label: "data(label)", color: colors.muted, "font-size": 13, events: "no" } },
    {
      selector: "edge",
      style: { width: 1.5, "line-color": colors.line, "target-arrow-color": colors.line, "target-arrow-shape": "triangle", "arrow-scale": 0.8, "curve-style": "bezier", "font-family": FONT, "font-size": 11, color: colors.muted, "text-background-color": colors.panel, "text-background-opacity": 0.9, "text-background-padding": "2px" },
    },
    { selector: "edge.possible", style: { "line-style": "dashed" } },
    { selector: "edge.several", style: { label: "data(label)" } },
    { selector: "edge.loop[weights]", style: { "curve-style": "round-segments", "edge-distances": "node-position", "segment-weights": numbersOf("weights"), "segment-distances": numbersOf("distances") } },
    { selector: "edge.loop", style: { label: "data(label)", "z-compound-depth": "top", "line-color": colors.accent, "target-arrow-color": colors.accent, "line-style": "dashed" } },
    { selector: ".dim", style: { opacity: 0.22 } },
    { selector: "edge.lit", style: { width: 3, "line-color": colors.accent, "target-arrow-color": colors.accent } },
    { selector: "node.hit", style: { "underlay-color": "#e0a33c", "underlay-opacity": 0.5, "underlay-padding": 5 } },
    { selector: "node.selected", style: { "underlay-color": colors.accent, "underlay-opacity": 0.45, "underlay-padding": 6 } },
  ];
}
