/** Evidence that is taken out is checked by whoever has Python, and tells what was altered (SC-A1, SC-A2). */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Download, Page } from "@playwright/test";
import { expect, test } from "./stemma";
import { say } from "./words";

const WEEK = "from=2026-06-16T00:00:00Z&to=2026-06-23T00:00:00Z";

/** Any Python that is installed, without anything of this project. */
function python(...given: string[]): { code: number | null; told: string } {
  const done = spawnSync("python3", ["-I", ...given], { encoding: "utf-8" });
  return { code: done.status, told: `${done.stdout}${done.stderr}` };
}

async function taken(page: Page, press: () => Promise<void>): Promise<Download> {
  const [file] = await Promise.all([page.waitForEvent("download"), press()]);
  return file;
}

/** Passes as it was downloaded, and fails with one byte of one record altered, naming the record. */
async function judged(file: Download, records: RegExp): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "stemma-evidence-"));
  try {
    expect(python("-m", "zipfile", "-e", await file.path(), folder).code).toBe(0);
    const whole = python(join(folder, "verify.py"));
    expect(whole.told).toMatch(records);
    expect(whole.code).toBe(0);
    const name = readdirSync(join(folder, "records")).filter((one) => one.endsWith(".raw")).sort()[0] ?? "";
    const raw = readFileSync(join(folder, "records", name));
    raw[10] = (raw[10] ?? 0) ^ 1;
    writeFileSync(join(folder, "records", name), raw);
    const altered = python(join(folder, "verify.py"));
    expect(altered.told).toContain(name.replace(".raw", "").split("-")[1]);
    expect(altered.code).not.toBe(0);
    for (const page of ["index.zh.html", "index.en.html"]) expect(readFileSync(join(folder, page), "utf-8")).not.toMatch(/<script|https?:\/\/(?!id\.gs1|ref\.gs1)/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test.use({ role: "auditor" });

test("an object's evidence passes its own verifier, and fails it with one byte altered", async ({ page }) => {
  await page.goto("/object?id=SESAME-0612");
  const file = await taken(page, () => page.getByRole("button", { name: say("object.evidence") }).click());
  expect(file.suggestedFilename()).toBe("evidence-SESAME-0612.zip");
  await judged(file, /^5 records are what was sealed, 0 faults/);
});

test("so does the evidence of a window with a filter on the timeline", async ({ page }) => {
  // nothing of it was corrected, here or by another journey: an event that was has more records than one
  await page.goto(`/timeline?${WEEK}&var-activity=shipping`);
  await expect(page.getByTestId("total")).toBeVisible();
  const events = Number(await page.getByTestId("total").getAttribute("data-total"));
  const file = await taken(page, () => page.locator(".tl-bar").getByRole("button", { name: say("timeline.evidence") }).click());
  await judged(file, new RegExp(`^${events} records are what was sealed, 0 faults`));
});
