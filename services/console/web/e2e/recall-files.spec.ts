/** Answers of the explorer as files, on paper and as links, and an answer that no graph holds. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { capture, checked, ownNumber } from "./floor";
import { accessible, expect, fits, test } from "./stemma";
import { language, narrow, say } from "./words";

const rows = (page: Page) => page.locator(".recall-scroll tbody tr:not([aria-hidden])");
const head = (page: Page, label: string) => page.locator(".recall-head", { hasText: label }).locator(".recall-head-count");

async function exported(page: Page, format: "csv" | "xlsx"): Promise<string> {
  await page.getByRole("button", { name: say("recall.export") }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: say(`recall.export.${format}`) }).click()]);
  expect(file.suggestedFilename().endsWith(`.${format}`)).toBe(true);
  return await file.path();
}

const SHEETS = `
import json, re, sys, zipfile
book = zipfile.ZipFile(sys.argv[1])
def cells(sheet):
    found = re.findall('<row .*?</row>', book.read(sheet).decode(), re.S)
    return [[("text" if "inlineStr" in how else "number", re.sub("<[^>]+>", "", what)) for how, what in re.findall("<c ([^>]*)>(.*?)</c>", row, re.S)] for row in found]
names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
print(json.dumps([cells(name) for name in names]))
`;

test("the list is a workbook: what was asked on its first sheet, every object on the last, codes as text", async ({ page }) => {
  await page.goto("/recall?object=SESAME-0612");
  await expect(head(page, say("recall.totals.objects"))).toHaveText("16");
  const read = spawnSync("python3", ["-I", "-c", SHEETS, await exported(page, "xlsx")], { encoding: "utf-8" });
  expect(read.stderr).toBe("");
  const [cover, , , list] = JSON.parse(read.stdout) as [string, string][][][];
  const asked = (cover ?? []).flat().map(([, value]) => value);
  expect(asked.some((value) => value.includes("SESAME-0612"))).toBe(true);
  expect(list).toHaveLength(1 + 16);
  // the first cell of a row is the object's code
  for (const row of (list ?? []).slice(1)) expect(row[0]).toEqual(["text", expect.stringContaining("id.gs1.org")]);
});

test("on paper stand question, what it rests on, totals, who got what and every object", async ({ page }) => {
  await page.addInitScript(() => {
    globalThis.print = () => { document.documentElement.dataset["printed"] = document.querySelector(".recall-print")?.textContent ?? ""; };
  });
  await page.goto("/recall?object=SESAME-0612");
  await expect(head(page, say("recall.totals.objects"))).toHaveText("16");
  await page.getByRole("button", { name: say("recall.print") }).click();
  const html = page.locator("html");
  await expect(html).toHaveAttribute("data-printed", /SESAME-0612/);
  const paper = (await html.getAttribute("data-printed")) ?? "";
  for (const part of [say("recall.forward"), say("recall.tab.consignees"), language() === "zh" ? "美达食品" : "Metro Foods", "P-0614-1", "GIFT-1", "boss"]) expect(paper).toContain(part);
  expect(paper).toMatch(/2026-\d\d-\d\d \d\d:\d\d:\d\d/);
  await expect(page.locator(".recall-print")).toHaveCount(0);
});

test("a link to more seeds than an address holds reproduces the very view (G15)", async ({ page, context }) => {
  const told = (await (await page.request.get("/api/v1/timeline?activity=commissioning&activity=receiving&to=2026-06-20T00:00:00Z&order=asc&limit=60")).json()) as { events: { objects: { object: string }[] }[] };
  const seeds = [...new Set(told.events.flatMap((event) => event.objects.map((one) => one.object)))].slice(0, 20);
  expect(seeds).toHaveLength(20);
  await page.goto(`/recall?${seeds.map((seed) => `object=${encodeURIComponent(seed)}`).join("&")}`);
  await expect(head(page, say("recall.totals.objects"))).toBeVisible();
  const box = page.getByRole("combobox", { name: say("recall.search") });
  await box.fill("SESAME-0612");
  await box.press("Enter");
  await expect(page).toHaveURL(/[?&]question=[0-9a-f]{64}/);
  await expect(page).not.toHaveURL(/[?&]object=/);
  await expect(page.getByText(say("recall.seed.more", { count: 9 }))).toBeVisible();
  await page.locator(".recall-row", { hasText: say("status.consumed") }).click();
  await expect(rows(page).filter({ hasNotText: say("status.consumed") }), "a click while rows give way to others may meet none").toHaveCount(0);
  await rows(page).first().locator(".recall-name-button").click();
  await expect(page.locator(".recall-why p")).not.toHaveCount(0);
  const shown = async (one: Page) => ({
    totals: await one.locator(".recall-head-count").allTextContents(),
    selected: await one.locator(".recall-selected").allTextContents(),
    why: await one.locator(".recall-why p").allTextContents(),
  });
  const here = await shown(page);
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.locator(".recall-why p")).not.toHaveCount(0);
  expect(await shown(other)).toEqual(here);
});

test.describe("what the floor made", () => {
  const place = "urn:stemma:e2e:bench";
  const item = (serial: string): string => `(01)${checked("0952100700404")}(21)${serial}`;

  test("is possible because its order made three items, and the sentence says so", async ({ page }) => {
    const own = ownNumber();
    await capture(page, {
      activity: "make", id: `order-${own}`, order: `urn:stemma:e2e:P2-${own}`, place, inputs: [{ id: `urn:stemma:e2e:F-${own}`, quantity: "3", unit: "KGM" }],
      outputs: [1, 2, 3].map((n) => ({ id: item(`S${n}-${own}`) })),
    });
    const selected = encodeURIComponent(`https://id.gs1.org/01/${checked("0952100700404")}/21/S3-${own}`);
    await page.goto(`/recall?object=${encodeURIComponent(`urn:stemma:e2e:F-${own}`)}&selected=${selected}`);
    const made = say("recall.made.item", { count: 3 });
    const why = say("recall.why.several", { object: `S3-${own}`, process: say("recall.order", { order: `P2-${own}` }), made, from: `F-${own}` });
    await expect(page.locator(".recall-why > p")).toHaveText(why);
  });

  test("is more than a graph draws: it says so, and totals and files are whole (SC-R9, G7)", async ({ page }) => {
    const own = ownNumber();
    await capture(page, {
      activity: "make", id: `many-${own}`, order: `urn:stemma:e2e:MANY-${own}`, place, inputs: [{ id: `urn:stemma:e2e:MELT-${own}`, quantity: "9", unit: "KGM" }],
      outputs: Array.from({ length: 2_100 }, (_, n) => ({ id: item(`M${own}-${n}`) })),
    });
    await page.goto(`/recall?object=${encodeURIComponent(`urn:stemma:e2e:MELT-${own}`)}&tab=graph`);
    await expect(page.getByText(say("recall.capped", { drawn: "2,000", all: "2,101" }))).toBeVisible();
    await expect(head(page, say("recall.totals.objects"))).toHaveText("2,101");
    await expect(page.getByText(say("recall.loaded", { shown: 100, all: "2,101" }))).toBeVisible();
    if (!narrow()) await expect(page.getByRole("application")).toBeVisible();
    await accessible(page);
    await fits(page);
    const lines = readFileSync(await exported(page, "csv"), "utf-8").trim().split(/\r?\n/);
    expect(lines).toHaveLength(1 + 2_101);
  });
});
