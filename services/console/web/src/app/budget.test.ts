import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { z } from "@/shared/api/zod";

const DIST = "dist";
const MANIFEST = z.record(z.string(), z.object({ file: z.string(), name: z.string().optional(), isEntry: z.boolean().optional(), imports: z.array(z.string()).optional(), dynamicImports: z.array(z.string()).optional() }));
const built = existsSync(`${DIST}/.vite/manifest.json`);
const manifest = built ? MANIFEST.parse(JSON.parse(readFileSync(`${DIST}/.vite/manifest.json`, "utf-8"))) : {};

/** A chunk and all that is loaded with it. */
function statically(name: string, found = new Set<string>()): Set<string> {
  if (!found.has(name)) {
    found.add(name);
    for (const one of manifest[name]?.imports ?? []) statically(one, found);
  }
  return found;
}

const code = (name: string): Buffer => readFileSync(`${DIST}/${manifest[name]?.file ?? ""}`);
const zipped = (names: Iterable<string>): number => [...names].reduce((sum, name) => sum + gzipSync(code(name)).length, 0) / 1000;

test.skipIf(!built)("the shell is at most 320 kB zipped and brings neither graph nor charts", () => {
  const entry = Object.keys(manifest).find((name) => manifest[name]?.isEntry === true) ?? "";
  const shell = statically(entry);
  expect(zipped(shell)).toBeLessThanOrEqual(320);
  for (const name of shell) expect(code(name).toString()).not.toMatch(/__________cytoscape_|zrender/);
});

test.skipIf(!built)("the graph comes by itself, at most 145 kB zipped", () => {
  const graph = Object.keys(manifest).find((name) => name.endsWith("features/recall/graph.tsx")) ?? "";
  const entry = Object.keys(manifest).find((name) => manifest[name]?.isEntry === true) ?? "";
  const shell = statically(entry);
  const route = Object.keys(manifest).find((name) => name.includes("routes/_in/recall.tsx")) ?? "";
  expect(statically(route)).not.toContain(graph);
  const cytoscape = [...statically(graph)].filter((name) => !shell.has(name) && /__________cytoscape_/.test(code(name).toString()));
  expect(cytoscape).not.toEqual([]);
  expect(zipped(cytoscape)).toBeLessThanOrEqual(145);
});
