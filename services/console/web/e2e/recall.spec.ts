import { readFileSync } from "node:fs";
import { accessible, expect, fits, test } from "./stemma";
import { language, narrow, say } from "./words";
import type { Page } from "@playwright/test";

const escaped = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));

async function ask(page: Page, text: string): Promise<void> {
  const box = page.getByRole("combobox", { name: say("recall.search") });
  await box.fill(text);
  await box.press("Enter");
}

/** A big number at the top: whole, or "part of whole". */
const head = (page: Page, label: string) => page.locator(".recall-head", { hasText: label }).locator(".recall-head-count");
const rows = (page: Page) => page.locator(".recall-scroll tbody tr:not([aria-hidden])");
const tab = (page: Page, name: string) => page.getByRole("tab", { name: escaped(say(`recall.tab.${name}`)) });
const row = (page: Page, text: string) => page.locator(".recall-row", { hasText: text });

const knownAt = (page: Page): string => new URL(page.url()).searchParams.get("known_at") ?? "now";

async function openTab(page: Page, name: string): Promise<void> {
  await tab(page, name).click();
}

test("a newcomer recalls the bad sesame: search, impact, totals, one consignee's list, and the file has the same number", { tag: "@both" }, async ({ page }) => {
  await page.goto("/recall");
  await expect(page.getByText(say("recall.start.title"))).toBeVisible();
  await accessible(page);
  await fits(page);
  await ask(page, "SESAME-0612");
  await expect(head(page, say("recall.totals.objects"))).toHaveText("16");
  await expect(head(page, say("certainty.certain"))).toHaveText("7");
  await expect(head(page, say("certainty.possible"))).toHaveText("9");
  await accessible(page);
  await fits(page);
  await openTab(page, "consignees");
  const metro = page.locator("tr", { hasText: language() === "zh" ? "美达食品" : "Metro Foods" });
  await expect(metro).toContainText(language() === "zh" ? "702 件" : "702 ea");
  await accessible(page);
  await metro.getByRole("button", { name: say("recall.list.show") }).click();
  await expect(head(page, say("recall.totals.objects"))).toHaveText(say("recall.part", { part: 3, all: 16 }));
  await expect(rows(page)).toHaveCount(3);
  await page.getByRole("button", { name: say("recall.export") }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: say("recall.export.csv") }).click()]);
  const text = readFileSync(await file.path(), "utf-8");
  expect(text.charCodeAt(0)).toBe(0xfeff);
  const lines = text.trim().split(/\r?\n/);
  expect(lines).toHaveLength(1 + 3);
  expect(lines.slice(1).every((line) => line.includes("417/9521201000008"))).toBe(true);
});

test("a pasted address shows the very view: question, filter, tab, selection and what is open", async ({ page, context }) => {
  await page.goto("/recall?object=SESAME-0612&tab=graph");
  await expect(head(page, say("recall.totals.objects"))).toHaveText("16");
  await row(page, say("status.delivered")).click();
  await expect(rows(page).filter({ hasNotText: say("status.delivered") }), "a click while rows give way to others may meet none").toHaveCount(0);
  await rows(page).first().locator(".recall-name-button").click();
  await expect(page.getByText(say("recall.why"), { exact: true }).first()).toBeVisible();
  const shown = async (one: Page) => ({
    totals: await one.locator(".recall-head-count").allTextContents(),
    rows: await rows(one).allTextContents(),
    selected: await one.locator(".recall-selected").allTextContents(),
    why: await one.locator(".recall-why p").allTextContents(),
  });
  await expect(page.locator(".recall-why p")).not.toHaveCount(0);
  const here = await shown(page);
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.locator(".recall-why p")).not.toHaveCount(0);
  await expect(rows(other)).toHaveCount(here.rows.length);
  expect(await shown(other)).toEqual(here);
});

test("an object is possible for a reason that is told in words, step by step", async ({ page }) => {
  await page.goto(`/recall?object=SESAME-0612&selected=${encodeURIComponent("https://id.gs1.org/01/09521001000048/10/P-0614-1")}`);
  const why = page.locator(".recall-detail .recall-why");
  await expect(why).toContainText("MO-0612-2-BAKE");
  await expect(why.locator("li")).toHaveCount(5);
  await expect(why.locator(".recall-step-possible")).toHaveCount(1);
  await accessible(page);
});

test("from a complaint back to what went in, then forward from what is suspected", async ({ page }) => {
  await page.goto("/recall");
  await page.getByText(say("recall.backward"), { exact: true }).click();
  await ask(page, "P-0614-1");
  await expect(page).toHaveURL(/direction=backward/);
  await expect(rows(page).filter({ hasText: "SESAME-0612" })).toHaveCount(1);
  await page.getByRole("checkbox", { name: say("recall.tick", { object: "SESAME-0612" }) }).check();
  await accessible(page);
  await fits(page);
  await page.getByRole("button", { name: say("recall.suspects.forward") }).click();
  await expect(head(page, say("recall.totals.objects"))).toHaveText("16");
  await expect(page).not.toHaveURL(/direction=backward/);
  await page.goBack();
  await expect(page.getByRole("checkbox", { name: say("recall.tick", { object: "SESAME-0612" }) })).toBeChecked();
});

test("what an oven handled in a window is found by its name, with the rule of the bounds beside", { tag: "@phone" }, async ({ page }) => {
  await page.goto("/recall");
  await page.getByRole("button", { name: say("recall.seed.other") }).click();
  await expect(page.getByText(/Asia\/Shanghai, UTC\+08:00/)).toBeVisible();
  const machine = page.getByRole("combobox", { name: say("recall.seed.kind.resource") });
  await machine.fill("OVEN3");
  await page.locator(".recall-option", { hasText: "9521001OVEN3" }).last().click();
  await page.getByLabel(say("recall.seed.since")).last().fill("2026-06-18T10:25:00");
  await page.getByLabel(say("recall.seed.until")).last().fill("2026-06-18T10:40:00");
  await accessible(page);
  await page.getByRole("button", { name: say("recall.seed.add") }).click();
  // the batch left at 10:25: an instant in common is enough
  await expect(rows(page).filter({ hasText: "B-0618-2" })).toHaveCount(1);
  await expect(page).toHaveURL(/resource=/);
});

test("nothing found is three different answers", { tag: "@phone" }, async ({ page }) => {
  await page.goto("/recall?object=NO-SUCH-LOT");
  await expect(page.getByText(say("recall.unknown", { seed: "NO-SUCH-LOT" }))).toBeVisible();
  await accessible(page);
  await page.goto("/recall?object=SUGAR-SPARE");
  await expect(page.getByText(say("recall.unused", { seed: "SUGAR-SPARE" }))).toBeVisible();
  await page.goto("/recall?object=KS-OLD-1&direction=backward");
  await expect(page.getByText(say("recall.incomplete", { seed: "KS-OLD-1" }))).toBeVisible();
  await page.getByRole("button", { name: say("recall.incomplete.show") }).click();
  await expect(page.getByText(say("recall.stop.no_origin_recorded")).first()).toBeVisible();
});

test("a number of several objects lists them all and picks none", { tag: "@phone" }, async ({ page }) => {
  await page.goto("/recall?object=L2026-01");
  await expect(page.getByText(say("recall.ambiguous", { seed: "L2026-01", count: 3 }))).toBeVisible();
  await expect(page.locator(".recall-choices li")).toHaveCount(3);
  await expect(page.locator(".recall-head")).toHaveCount(0);
  await accessible(page);
  await fits(page);
  await page.locator(".recall-choices button").first().click();
  await expect(page.locator(".recall-choices")).toHaveCount(0);
  await expect(head(page, say("recall.totals.objects"))).toBeVisible();
});

test("the slider shows what was known before a correction", async ({ page }) => {
  await page.goto("/recall?object=B-0617-1");
  const known = page.getByRole("slider", { name: say("recall.known") });
  await expect(known).toHaveAttribute("aria-disabled", "false");
  await expect(rows(page).filter({ hasText: "P-0617-2" })).toHaveCount(0);
  const now = await head(page, say("recall.totals.objects")).textContent();
  await known.focus();
  await known.press("End");
  for (let stops = 0; stops < 60 && (await rows(page).filter({ hasText: "P-0617-2" }).count()) === 0; stops += 1) {
    // the answer of the stop before stays until that of this one is here
    const before = page.url();
    const answer = page.waitForResponse((one) => one.url().endsWith("/api/v1/impact") && page.url() !== before && one.request().postData()?.includes(knownAt(page)) === true);
    await known.press("ArrowLeft");
    await answer;
    await expect(page.locator(".recall[aria-busy=true]")).toHaveCount(0);
  }
  await expect(rows(page).filter({ hasText: "P-0617-2" })).toHaveCount(1);
  await known.press("End");
  await expect(page).not.toHaveURL(/known_at=/);
  await expect(head(page, say("recall.totals.objects"))).toHaveText(now ?? "");
  await expect(rows(page).filter({ hasText: "P-0617-2" })).toHaveCount(0);
});

test("the keyboard suffices: ask, walk the list, look closer, leave", async ({ page }) => {
  await page.goto("/recall");
  const box = page.getByRole("combobox", { name: say("recall.search") });
  await box.focus();
  await page.keyboard.type("SESAME-0612");
  await page.keyboard.press("Enter");
  await expect(head(page, say("recall.totals.objects"))).toHaveText("16");
  await page.getByRole("group", { name: say("recall.table.keys") }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(page.locator(".recall-selected")).toContainText("D-0612-1");
  await expect(page.locator(".recall-detail")).toContainText("MO-0612-1");
  await page.keyboard.press("Enter");
  await expect(page.locator(".recall-detail-name")).toBeFocused();
  await page.getByRole("group", { name: say("recall.table.keys") }).focus();
  await page.keyboard.press("Escape");
  await expect(page.locator(".recall-detail")).toHaveCount(0);
});

test("graph and table are in step, by mouse and by keys", async ({ page }) => {
  await page.goto("/recall?object=SESAME-0612&tab=graph");
  if (narrow()) {
    await expect(page.getByText(say("recall.paths.none"))).toBeVisible();
    await rows(page).filter({ hasText: "B-0612-2" }).locator(".recall-name-button").click();
    await expect(page.locator(".recall-main .recall-steps li")).toHaveCount(2);
    await fits(page);
    return;
  }
  const frame = page.getByRole("application");
  await expect(frame).toBeVisible();
  await expect(page.getByRole("button", { name: say("recall.stages", { shown: 1, all: 5 }) })).toBeVisible();
  await accessible(page);
  await frame.focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.locator(".recall-selected")).toContainText("SESAME-0612");
  await page.keyboard.press("ArrowRight");
  await expect(page.locator(".recall-selected")).toContainText("D-0612-");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/open=/);
  await page.keyboard.press("/");
  await page.keyboard.type("gift");
  await expect(page.locator(".recall-find")).toContainText("0/2");
  await page.keyboard.press("Enter");
  await expect(page.locator(".recall-selected")).toContainText("GIFT-1");
  await expect(page.locator(".recall-find")).toContainText("1/2");
  await page.getByRole("button", { name: say("recall.stages.all"), exact: true }).click();
  await expect(page.getByRole("button", { name: escaped(say("recall.part", { part: 16, all: 16 })) })).toBeVisible();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "PNG" }).click()]);
  const png = readFileSync(await file.path());
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  // as wide as six stages at twice the size of the screen's
  expect(png.readUInt32BE(16)).toBeGreaterThan(2000);
  await page.getByRole("button", { name: say("recall.act.focus") }).click();
  await expect(page).toHaveURL(/focus=/);
  await page.goBack();
  await expect(page).not.toHaveURL(/focus=/);
});

test("a view that is cut says so, and its totals are whole", async ({ page }) => {
  await page.route("**/api/v1/impact", async (route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as { totals: { objects: number }; next: string | null };
    answer.totals.objects = 1_200_000;
    answer.next ??= "more";
    await route.fulfill({ response, json: answer });
  });
  await page.goto("/recall?object=SESAME-0612&tab=graph");
  await expect(page.getByText(escaped(say("recall.capped", { drawn: "2,000", all: "1,200,000" })))).toBeVisible();
  await expect(head(page, say("recall.totals.objects"))).toHaveText("1,200,000");
  await expect(page.getByText(escaped(say("recall.loaded", { shown: 16, all: "1,200,000" })))).toBeVisible();
  // an answer still on its way is nobody's by then
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

test.describe("who may not export", () => {
  test.use({ role: "inspector" });

  test("sees the answer and no export", async ({ page }) => {
    await page.goto("/recall?object=SESAME-0612");
    await expect(head(page, say("recall.totals.objects"))).toHaveText("16");
    await expect(page.getByRole("button", { name: say("recall.export") })).toHaveCount(0);
  });
});

test.describe("who may not trace", () => {
  test.use({ role: "warehouse_keeper" });

  test("is told which right is missing", async ({ page }) => {
    await page.goto("/recall");
    await expect(page.getByText(say("state.forbidden"))).toBeVisible();
    await accessible(page);
  });
});

test.describe("the service is out of reach", () => {
  test.use({ expected: [/503|Failed to load/] });

  test("and the page says so and lets one try again", async ({ page }) => {
    await page.route("**/api/v1/impact", (route) => route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify({ title: "Unavailable", detail: "the genealogy does not answer", errors: [] }) }));
    await page.goto("/recall?object=SESAME-0612");
    await expect(page.getByRole("alert")).toContainText("the genealogy does not answer");
    await page.unroute("**/api/v1/impact");
    await page.getByRole("button", { name: say("state.retry") }).click();
    await expect(head(page, say("recall.totals.objects"))).toHaveText("16");
  });
});
