/** Names of the files that panels give. */
export function fileName(panel: string, kind: string): string {
  return `stemma-${panel}-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.${kind}`;
}
