import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { capture } from "./floor";
import { accessible, expect, fits, test } from "./stemma";
import { narrow, say } from "./words";

const WEEK = "from=2026-06-16T00:00:00Z&to=2026-06-23T00:00:00Z";
/** Minutes around the batch that the demo's plant recorded wrongly and corrected two days later. */
const BATCH = "from=2026-06-17T02:20:00Z&to=2026-06-17T02:40:00Z";

async function opened(page: Page, question: string): Promise<void> {
  await page.goto(`/timeline?${question}`);
  await expect(page.getByTestId("axis")).toBeVisible();
  await expect(page.getByTestId("total")).toBeVisible();
  await expect(page.locator(".rows-row").first()).toBeVisible();
}

async function total(page: Page): Promise<number> {
  return Number(await page.getByTestId("total").getAttribute("data-total"));
}

/** Two keys in turn, the second without waiting for what the page makes of the first. */
async function typed(page: Page, first: string, second: string): Promise<void> {
  await Promise.all([page.keyboard.press(first), page.keyboard.press(second)]);
}

/** One scan, captured as the shop floor does. */
async function scan(page: Page, serial: string): Promise<void> {
  await capture(page, { activity: "observe", place: "urn:stemma:e2e:dock", objects: [{ id: `urn:stemma:e2e:${serial}` }], id: `scan-${serial}` });
}

test("it opens on what there is, says the range in its address, and is fit for all", async ({ page }) => {
  await page.goto("/timeline");
  await expect(page).toHaveURL(/from=.*to=/);
  await expect(page.getByTestId("total")).toBeVisible();
  await expect(page.locator(".rows-row").first()).toBeVisible();
  await expect(page.locator(".tl-lane").first()).toBeVisible();
  await accessible(page);
  await fits(page);
});

test("it opens however its address is written", async ({ page }) => {
  for (const path of ["/timeline/", "/Timeline"]) {
    await page.goto(path);
    await expect(page).toHaveURL(/from=.*to=/);
    await expect(page.locator(".rows-row").first()).toBeVisible();
  }
});

test("who leaves while it opens is not called back", async ({ page }) => {
  let answer = (): void => undefined;
  const asked = new Promise<void>((done) => { answer = done; });
  let load = (): void => undefined;
  const wanted = new Promise<void>((done) => { load = done; });
  await page.route(/\/api\/v1\/timeline\?/, async (route) => { await asked; await route.continue(); });
  await page.route(/\/assets\/names-/, async (route) => { await wanted; await route.continue(); });
  await page.goto("/timeline");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(say("nav.timeline"));
  let answered = 0;
  page.on("requestfinished", (request) => { answered += Number(/\/api\/v1\/timeline\?/.test(request.url())); });
  if (narrow()) await page.locator(".shell-head > button").first().click();
  await page.locator("nav a[href='/names']").click();
  answer();
  await expect.poll(() => answered, "where what there is begins, and where it ends").toBe(2);
  load();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(say("nav.names"));
  await page.waitForLoadState("networkidle");
  await expect(page).toHaveURL(/\/names$/);
});

test("a drag zooms to what was drawn over, Back restores, a double click doubles", async ({ page }) => {
  await opened(page, WEEK);
  const whole = await total(page);
  const before = page.url();
  const axis = await page.getByTestId("axis").boundingBox();
  if (axis === null) throw new Error("no axis");
  const [y, at] = [axis.y + axis.height / 2, (part: number): number => axis.x + axis.width * part];
  await page.mouse.move(at(0.4), y);
  await page.mouse.down();
  await page.mouse.move(at(0.5), y);
  await page.mouse.move(at(0.6), y);
  await page.mouse.up();
  await expect(page).not.toHaveURL(before);
  const url = new URL(page.url());
  const [from, to] = [Date.parse(url.searchParams.get("from") ?? ""), Date.parse(url.searchParams.get("to") ?? "")];
  expect(Math.abs(to - from - 0.2 * 7 * 86_400_000)).toBeLessThan(3_600_000);
  await expect.poll(() => total(page)).toBeLessThan(whole);
  await page.goBack();
  await expect(page).toHaveURL(before);
  await expect.poll(() => total(page)).toBe(whole);
  await page.mouse.dblclick(at(0.5), y);
  await expect.poll(() => new URL(page.url()).searchParams.get("from")).toBe("2026-06-12T12:00:00.000Z");
});

test("filters stand in the address, a cell adds one, and the address restores the view", async ({ page }) => {
  await opened(page, `${WEEK}&var-activity=inspecting`);
  const inspections = await total(page);
  const rows = await page.locator(".rows-row .tl-c-place, .rows-row .tl-c-objects").count();
  expect(rows).toBeGreaterThan(0);
  await page.locator(".rows-row .tl-c-objects .tl-cell").first().click();
  await expect(page).toHaveURL(/var-object=/);
  await expect.poll(() => total(page)).toBeLessThan(inspections);
  const few = await total(page);
  const again = page.url();
  await page.goto("/");
  await page.goto(again);
  await expect.poll(() => total(page)).toBe(few);
  await expect(page.locator(".tl-chip")).toHaveCount(2);
  // is becomes is not
  await page.locator(".tl-chip button").first().click();
  await expect(page).toHaveURL(/var-not_object=/);
  await expect.poll(() => total(page)).toBeGreaterThan(few);
});

test("a withdrawn event and what stands instead lead to each other, from the mark too", async ({ page }) => {
  await opened(page, BATCH);
  await page.locator(".tl-sign.at.correction, .tl-sign.at.mixed").first().click();
  await page.locator(".ant-popover .tl-list .ant-btn-link").first().click();
  const detail = page.getByTestId("detail");
  await expect(detail.locator(".tl-standing .ant-btn-link")).toBeVisible();
  const withdrawn = new URL(page.url()).searchParams.get("event");
  await expect(detail.getByTestId("seal")).toBeVisible();
  await detail.locator("summary").click();
  await expect(detail.locator("pre")).toContainText(withdrawn ?? "?");
  await accessible(page);
  await fits(page);
  await detail.locator(".tl-standing .ant-btn-link").first().click();
  await expect.poll(() => new URL(page.url()).searchParams.get("event")).not.toBe(withdrawn);
  await expect(page.getByTestId("detail").locator(".tl-standing .ant-btn-link")).toBeVisible();
  await page.getByTestId("detail").locator(".tl-standing .ant-btn-link").first().click();
  await expect.poll(() => new URL(page.url()).searchParams.get("event")).toBe(withdrawn);
});

test("before its correction was known, the event stands as it was", async ({ page }) => {
  await opened(page, BATCH);
  await expect(page.locator(".tl-badge.withdrawn")).toHaveCount(1);
  const both = await total(page);
  await page.locator(".tl-known .ant-switch").click();
  await expect(page).toHaveURL(/known_at=/);
  const earlier = page.locator(".tl-known .ant-btn").first();
  await expect(earlier).toBeEnabled();
  // one moment back is the one before the declaration and what it brought
  await earlier.click();
  await earlier.click();
  await expect(page.locator(".tl-badge.withdrawn")).toHaveCount(0);
  await expect.poll(() => total(page)).toBeLessThan(both);
  await expect(page.getByTestId("known")).toBeVisible();
});

test("a scan appears by itself; while one reads further down, new ones are counted", async ({ page }) => {
  await page.goto("/timeline?from=now-1h&to=now&refresh=live");
  await expect(page.locator(".ant-badge-status-processing")).toBeVisible();
  const name = test.info().project.name;
  await scan(page, `${name}-1`);
  await expect(page.locator(".rows-row", { hasText: `${name}-1` })).toHaveCount(1);
  for (let n = 2; n < 16; n += 1) await scan(page, `${name}-${n}`);
  await expect(page.locator(".rows-row", { hasText: `${name}-15` })).toHaveCount(1);
  await page.locator(".rows-box").evaluate((box) => { box.scrollTop = 300; });
  await scan(page, `${name}-16`);
  await expect(page.locator(".tl-resume")).toBeVisible();
  await page.locator(".tl-resume").click();
  await expect(page.locator(".tl-resume")).toHaveCount(0);
  await expect(page.locator(".rows-row", { hasText: `${name}-16` })).toHaveCount(1);
});

test("a file has as many rows as the total says, and the zone's times", async ({ page }) => {
  await opened(page, `${WEEK}&timezone=Asia/Kolkata`);
  const events = await total(page);
  await page.locator("[data-panel=events] .tl-panel-head .anticon-download").click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.locator(".ant-dropdown-menu-item").first().click()]);
  const lines = readFileSync(await file.path(), "utf-8").trim().split("\r\n");
  expect(lines.length - 1).toBe(events);
  expect(lines[1]).toMatch(/^2026-06-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+05:30,/);
  await page.locator("[data-panel=density] .tl-panel-head .anticon-download").click();
  const [counts] = await Promise.all([page.waitForEvent("download"), page.locator(".ant-dropdown-menu-item:visible").first().click()]);
  const [proof] = await Promise.all([page.waitForEvent("download"), page.locator(".tl-bar .anticon-safety-certificate").click()]);
  expect(readFileSync(await proof.path()).subarray(0, 2).toString()).toBe("PK");
  const sum = readFileSync(await counts.path(), "utf-8").trim().split("\r\n").slice(1).reduce((all, line) => all + Number(line.split(",")[2]), 0);
  expect(sum).toBe(events);
});

test("a zone moves the axis and the table alike", async ({ page }) => {
  await opened(page, `${BATCH}&timezone=utc`);
  const row = page.locator(".rows-row time").first();
  const [utc, axis] = [await row.textContent(), await page.getByTestId("axis").textContent()];
  await page.goto(`/timeline?${BATCH}&timezone=Asia/Kolkata`);
  await expect(row).not.toHaveText(utc ?? "");
  expect(Date.parse(`${(await row.textContent())?.replace(" ", "T") ?? ""}Z`) - Date.parse(`${utc?.replace(" ", "T") ?? ""}Z`)).toBe(5.5 * 3_600_000);
  expect(await page.getByTestId("axis").textContent()).not.toBe(axis);
});

test("keys alone move in time, and none acts in a field", async ({ page }) => {
  await opened(page, WEEK);
  await page.locator("#content").focus();
  await typed(page, "t", "ArrowLeft");
  await expect.poll(() => new URL(page.url()).searchParams.get("from")).toBe("2026-06-12T12:00:00.000Z");
  await typed(page, "t", "+");
  await expect.poll(() => new URL(page.url()).searchParams.get("from")).toBe("2026-06-14T06:00:00.000Z");
  await page.keyboard.press("?");
  await expect(page.locator(".keys")).toContainText("t ←");
  await page.keyboard.press("Escape");
  await expect(page.locator(".keys")).toBeHidden();
  await typed(page, "d", "k");
  await expect(page.locator(".shell-head")).toBeHidden();
  await fits(page);
  await typed(page, "d", "k");
  await expect(page.locator(".shell-head")).toBeVisible();
  const before = page.url();
  await page.locator("search input").fill("");
  await page.locator("search input").pressSequentially("t -dk");
  await expect(page).toHaveURL(before);
  await page.locator(".rows-row button[aria-expanded]").first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("detail")).toBeVisible();
});

test("a click in the legend isolates a type, again restores; with Ctrl one comes and goes (T12)", async ({ page }) => {
  await opened(page, WEEK);
  const legend = page.locator("[data-panel=density] .tl-legend button");
  const pressed = (): Promise<(string | null)[]> => legend.evaluateAll((all) => all.map((one) => one.getAttribute("aria-pressed")));
  await expect(legend).toHaveCount(4);
  await legend.nth(1).click();
  await expect.poll(pressed).toEqual(["false", "true", "false", "false"]);
  await expect(page).toHaveURL(/show=/);
  await legend.nth(3).click({ modifiers: ["ControlOrMeta"] });
  await expect.poll(pressed).toEqual(["false", "true", "false", "true"]);
  await page.reload();
  await expect.poll(pressed).toEqual(["false", "true", "false", "true"]);
  await legend.nth(3).click({ modifiers: ["Shift"] });
  await legend.nth(1).click();
  await expect.poll(pressed).toEqual(["true", "true", "true", "true"]);
  await expect(page).not.toHaveURL(/show=/);
});

test("it refreshes as often as chosen, not while the tab is hidden, at once on return, and may be cancelled (T6)", async ({ page }) => {
  await opened(page, WEEK);
  let asked = 0;
  page.on("request", (request) => { if (request.url().includes("/api/v1/timeline?")) asked += 1; });
  await page.getByRole("combobox", { name: say("timeline.refresh.every") }).click();
  await page.locator(".ant-select-item-option", { hasText: /^5s$/ }).click();
  await expect(page).toHaveURL(/refresh=5s/);
  await expect.poll(() => asked, { timeout: 12_000 }).toBeGreaterThan(0);
  const hide = (hidden: boolean): Promise<void> => page.evaluate((now) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => now });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await hide(true);
  await page.waitForLoadState("networkidle");
  const before = asked;
  await page.waitForTimeout(8_000);
  expect(asked).toBe(before);
  await hide(false);
  await expect.poll(() => asked, { timeout: 2_000 }).toBeGreaterThan(before);
  await page.waitForLoadState("networkidle");
  await page.goto(page.url().replace("refresh=5s", "refresh=1d"));
  await expect(page.getByTestId("total")).toBeVisible();
  await page.waitForLoadState("networkidle");
  // never answered
  await page.route("**/api/v1/timeline?**", () => undefined);
  const bar = page.locator(".tl-bar");
  await bar.locator(`[aria-label="${say("timeline.refresh")}"]`).click();
  await bar.locator(`[aria-label="${say("timeline.refresh.cancel")}"]`).click();
  await expect(bar.locator(`[aria-label="${say("timeline.refresh")}"]`)).toBeVisible();
  await expect(page.getByTestId("total")).toBeVisible();
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

test("the slider says of how many events its moments are, where there are more (T20)", async ({ page }) => {
  await opened(page, "from=2026-06-10T00:00:00Z&to=2026-06-29T00:00:00Z");
  await page.locator(".tl-known .ant-switch").click();
  await expect(page.getByText(say("timeline.known.of", { count: "1,000" }))).toBeVisible();
  await accessible(page);
  await fits(page);
});

test.describe("a panel that fails", () => {
  test.use({ expected: [/500/] });

  test("leaves the others", async ({ page }) => {
    await page.route(/\/api\/v1\/timeline\?.*lanes=/, (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: '{"title":"broken on purpose"}' }));
    await opened(page, WEEK);
    await expect(page.locator("[data-panel=lanes]").getByRole("alert")).toContainText("broken on purpose");
    await expect(page.locator("[data-panel=density] canvas")).toBeVisible();
    await accessible(page);
  });
});

test.describe("who may not take files out", () => {
  test.use({ role: "team_leader" });

  test("is offered none, and no records of access", async ({ page }) => {
    await opened(page, WEEK);
    await expect(page.locator("[data-panel=events] .anticon-download")).toHaveCount(0);
    await expect(page.locator("[data-panel=access]")).toHaveCount(0);
  });
});

test.describe("an auditor", () => {
  test.use({ role: "auditor" });

  test("takes out every record of who came, however many pages they take (T18)", async ({ page }) => {
    let pages = 0;
    await page.route(/\/api\/v1\/access\?/, (route) => {
      pages += 1;
      return route.continue({ url: route.request().url().replace("limit=1000", "limit=2") });
    });
    await page.goto("/timeline?from=now-1d&to=now");
    await expect(page.locator("[data-panel=access] .tl-sign").first()).toBeVisible();
    const shown = pages;
    await page.locator("[data-panel=access] .tl-panel-head .anticon-download").click();
    const [file] = await Promise.all([page.waitForEvent("download"), page.locator(".ant-dropdown-menu-item:visible").first().click()]);
    const lines = readFileSync(await file.path(), "utf-8").trim().split("\r\n");
    expect(lines.length).toBeGreaterThan(3);
    expect(new Set(lines.map((line) => line.split(",").at(-1))).size).toBe(lines.length);
    expect(pages - shown).toBe(Math.ceil((lines.length - 1) / 2));
  });

  test("chooses which records of access stand beside events, and the address keeps the choice", async ({ page }) => {
    await page.goto("/timeline?from=now-1d&to=now&access=sign_in");
    const panel = page.locator("[data-panel=access]");
    await panel.locator(".tl-sign").first().click();
    const told = page.locator(".ant-popover:visible .tl-list b");
    await expect(told.first()).toBeVisible();
    expect([...new Set(await told.allTextContents())]).toEqual([say("access.sign_in")]);
    await page.keyboard.press("Escape");
    await panel.locator(".kinds").click();
    await page.locator(".ant-select-dropdown:visible").getByText(say("access.key_made"), { exact: true }).click();
    await expect(page).toHaveURL(/access=.*key_made/);
  });
});
