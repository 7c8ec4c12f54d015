/** A path put into words: which sentence each step is, and the one that says why its end is certain or possible. */
import type { PathRead, PathStep } from "./api";

/** The rule of a step as the service words it (projections/trace/paths.py), and what it is called here. */
const RULES = {
  "the process has one output": "one",
  "the process has several outputs": "several",
  "a quantity of its lot was used, without serials": "quantity",
  "it belongs to the lot": "lot",
  "it was installed in it": "installed",
} as const;
export type Rule = (typeof RULES)[keyof typeof RULES];

/** A rule that this console does not know yet is shown as the service words it. */
export function ruleOf(step: PathStep): Rule | null {
  return Object.hasOwn(RULES, step.rule) ? RULES[step.rule as keyof typeof RULES] : null;
}

export type Why = { verdict: "seed" | "certain" | "unreached" } | { verdict: "possible"; because: PathStep };

/** Why the end of a path is what it is: the first step that is not certain, where no path is certain throughout. */
export function whyOf(path: PathRead): Why {
  if (!path.reached || path.shortest === null) return { verdict: "unreached" };
  if (path.shortest.length === 0) return { verdict: "seed" };
  if (path.certain !== null) return { verdict: "certain" };
  const because = path.shortest.find((step) => !step.certain);
  return because === undefined ? { verdict: "certain" } : { verdict: "possible", because };
}

/** The path that is told: the certain one where there is one, since it is what makes the object certain. */
export function toldPath(path: PathRead): readonly PathStep[] {
  return path.certain ?? path.shortest ?? [];
}

/** What all outputs of a step's process are, where there are words for their number. */
export function madeOf(step: PathStep): "item" | "lot" | "thing" {
  return step.outputs_kind === "item" || step.outputs_kind === "lot" ? step.outputs_kind : "thing";
}

/** `t:urn:…:MO-1` and `e:urn:uuid:…` are names of processes; what people call them is the order, or nothing. */
export function orderOf(process: string | null): string | null {
  return process?.startsWith("t:") === true ? process.slice(2) : null;
}
