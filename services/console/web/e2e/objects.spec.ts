/** From whatever was typed, scanned or pasted to the object, and what its page says. */
import { accessible, expect, fits, test } from "./stemma";

const CODES = ["SESAME-0612", "https://id.gs1.org/01/09521103000014/10/SESAME-0612", "(01)09521103000014(10)SESAME-0612", "]C1010952110300001410SESAME-0612"];

test("any spelling of a code leads straight to its object", async ({ page }) => {
  for (const code of CODES) {
    await page.goto("/");
    const box = page.locator(".search-big input");
    await box.fill(code);
    await box.press("Enter");
    await expect(page).toHaveURL(/\/object\?id=.*SESAME-0612/);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
});

test("an ambiguous number lists every match and picks none", async ({ page }) => {
  await page.goto("/search?q=L2026-01");
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.locator(".finds").first().locator("li")).toHaveCount(3);
  await expect(page).toHaveURL(/\/search/);
  await accessible(page);
});

test("nothing found says how to go on", async ({ page }) => {
  await page.goto("/search?q=NO-SUCH-LOT-77");
  await expect(page.locator(".hints li")).toHaveCount(3);
  await fits(page);
});

test("a failed inspection shows its value beyond its limits in words, not by colour alone", async ({ page }) => {
  await page.goto("/object?id=B-0620-1");
  const measured = page.locator("article .bad");
  await expect(measured).toContainText("6.8");
  await expect(measured.locator("svg")).toBeVisible();
  await accessible(page);
});

test("as known before the correction a page says so and leads back to now", async ({ page }) => {
  await page.goto(`/object?id=SESAME-0612&known_at=${encodeURIComponent(new Date().toISOString())}`);
  await page.getByRole("alert").getByRole("link").click();
  await expect(page).not.toHaveURL(/known_at/);
});
