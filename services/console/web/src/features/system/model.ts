/** What the system's page works out of its answers. */
import type { Job } from "./api";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** 1,536 is "1.5 KiB". */
export function sizeText(bytes: number): string {
  let [size, unit] = [bytes, 0];
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit] ?? ""}`;
}

/** How much of a job is done, 0 to 100; what has ended is whole, what does not know its end has not begun. */
export function percentOf(job: Pick<Job, "state" | "done" | "total">): number {
  if (job.state !== "running") return 100;
  return job.total === 0 ? 0 : Math.min(99, Math.floor((100 * job.done) / job.total));
}

/** The newest job of a kind. */
export function newest(jobs: readonly Job[], kind: Job["kind"]): Job | undefined {
  return jobs.find((job) => job.kind === kind);
}

/** Characters of a body that the service shows. */
const SHOWN = 20_000;

/** Whether a body as shown is the whole body as sent, so that it may be mended here: not cut, and text throughout. */
export function isWhole(body: string): boolean {
  return body !== "" && body.length < SHOWN && !body.includes("\uFFFD");
}
