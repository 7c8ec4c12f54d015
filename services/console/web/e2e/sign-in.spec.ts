import { accessible, expect, fits, test } from "./stemma";
import { PASSWORD } from "./serve";

test.describe("nobody is signed in", () => {
  test.use({ role: null, expected: [/401/] });

  test("a page leads to the sign-in and, once signed in, back to itself", async ({ page }) => {
    await page.goto("/people?x=1");
    await expect(page).toHaveURL(/\/sign-in\?next=/);
    await accessible(page);
    await fits(page);
    await page.locator("#name").fill("boss");
    await page.locator("#password").fill("not this one, I think");
    await page.locator("button[type=submit]").click();
    await expect(page.getByRole("alert")).toBeVisible();
    await page.locator("#password").fill(PASSWORD);
    await page.locator("button[type=submit]").click();
    await expect(page).toHaveURL(/\/people/);
  });

  test("a link cannot lead elsewhere after the sign-in", async ({ page }) => {
    await page.goto("/sign-in?next=https://example.org/");
    await page.locator("#name").fill("boss");
    await page.locator("#password").fill(PASSWORD);
    await page.locator("button[type=submit]").click();
    await expect(page).toHaveURL(/^http:\/\/localhost:\d+\/$/);
  });
});

test("home is reached, the menu shows what there is, and nothing is said to other origins", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await accessible(page);
  await fits(page);
});
