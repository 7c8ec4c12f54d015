/** An account from its making to its end, and a key that is shown once. */
import { PASSWORD } from "./serve";
import { accessible, expect, test } from "./stemma";

test.describe("an administrator", () => {
  test.use({ role: "boss" });

  test("makes an account with a one-time link, by which its owner signs in, and disables it", async ({ page, browser, baseURL }, info) => {
    const name = `li.na.${info.project.name}`;
    await page.goto("/people?tab=accounts");
    await page.locator(".panel-head button").click();
    await page.locator("#name").fill(name);
    await page.locator("#shown").fill("李娜");
    await page.locator('.choice input[value="inspector"]').check();
    await page.locator(".ant-modal-footer .ant-btn-primary").click();
    const link = await page.locator(".ant-modal textarea").inputValue();
    expect(link).toContain(`${baseURL ?? ""}/setup#`);
    await accessible(page);

    const own = await browser.newContext();
    const theirs = await own.newPage();
    await theirs.goto(link);
    await theirs.locator("#password").fill(PASSWORD);
    await theirs.locator("#form button").click();
    await theirs.locator("#go").click();
    await expect(theirs.getByRole("heading", { level: 1 })).toContainText("李娜");

    await page.keyboard.press("Escape");
    await page.reload();
    const row = page.locator("tr", { hasText: name });
    await row.locator(".ant-btn-dangerous").click();
    await page.locator(".ant-popover .ant-btn-primary").click();
    await expect(row.locator(".ant-btn-dangerous")).toHaveCount(0);
    await theirs.goto("/me");
    await expect(theirs).toHaveURL(/\/sign-in/);
    await own.close();
  });

  test("makes a key that is shown once and works until it is revoked", async ({ page, playwright, baseURL }, info) => {
    const name = `scanner ${info.project.name}`;
    await page.goto("/people?tab=keys");
    await page.locator(".panel-head button").click();
    await page.locator("#name").fill(name);
    await page.locator('.choice input[value="read"]').check();
    await page.locator(".ant-modal-footer .ant-btn-primary").click();
    const key = await page.locator(".ant-modal textarea").inputValue();
    const caller = await playwright.request.newContext({ baseURL: baseURL ?? "", extraHTTPHeaders: { authorization: `Bearer ${key}` } });
    expect((await caller.get("/api/v1/me")).status()).toBe(200);
    await page.reload();
    await expect(page.getByText(key)).toHaveCount(0);
    await page.locator("tr", { hasText: name }).locator(".ant-btn-dangerous").click();
    await page.locator(".ant-popover .ant-btn-primary").click();
    await expect(page.locator("tr", { hasText: name }).locator(".ant-btn-dangerous")).toHaveCount(0);
    expect((await caller.get("/api/v1/me")).status()).toBe(401);
    await caller.dispose();
  });
});

test.describe("an auditor", () => {
  test.use({ role: "auditor" });

  test("sees sign-ins, failed ones too, by kind", async ({ page }) => {
    const failed = await page.request.post("/api/v1/session", { data: { name: "inspector", password: "surely not this one" } });
    expect(failed.status()).toBe(401);
    await page.goto("/people?tab=access&kind=sign_in_failed");
    await expect(page.locator("tbody tr").first()).toBeVisible();
    await expect(page.locator("tbody tr .bad").first()).toBeVisible();
    await accessible(page);
  });
});
