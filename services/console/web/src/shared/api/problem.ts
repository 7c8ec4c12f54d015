/** RFC 9457 problems as one error; `errors[].field` says where a form shows which fix. */
import { z } from "@/shared/api/zod";

const FIELD = z.object({ field: z.string(), value: z.unknown(), fix: z.string() });
const PROBLEM = z.object({
  /** `/problems/` and its kind; EPCIS has exceptions of its own. */
  type: z.string().default(""),
  title: z.string().default(""),
  detail: z.string().default(""),
  errors: z.array(FIELD).default([]),
});

export interface Problem extends z.infer<typeof PROBLEM> {
  /** 0 when no answer came. */
  status: number;
  requestId: string | null;
}

export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ApiError";
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** The kind of a problem, as the catalogue has it: `not-found`. Empty for one that has none. */
export function kindOf(problem: Problem): string {
  return /^\/problems\/([a-z-]+)$/.exec(problem.type)?.[1] ?? "";
}

/** The same, of a title: `Not found`. */
export function kindOfTitle(title: string): string {
  return title.toLowerCase().replaceAll(" ", "-");
}

export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => ({}));
  const read = PROBLEM.safeParse(body);
  const told = read.success ? read.data : { type: "", title: response.statusText, detail: "", errors: [] };
  return { ...told, status: response.status, requestId: response.headers.get("x-request-id") };
}

/** What the service says beside its faults: empty where it only puts the first of them in a line. */
export function besideFaults(detail: string, errors: readonly { field: string; fix: string }[]): string {
  const rest = errors.reduce((text, one) => text.replace(one.field, "").replace(one.fix, ""), detail);
  return /[\p{L}\p{N}]/u.test(rest) ? detail : "";
}
