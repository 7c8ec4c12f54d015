/** The projections are made again while the service runs, and its answers are the same after. */
import type { APIRequestContext } from "@playwright/test";
import { accessible, expect, fits, test } from "./stemma";
import { say } from "./words";

const LOT = "https://id.gs1.org/01/09521103000014/10/SESAME-0612";

/** What came of a lot, without what every answer tells of its own moment. */
async function reached(request: APIRequestContext): Promise<unknown> {
  const answer = await request.get("/api/v1/impact", { params: { object: LOT } });
  expect(answer.status()).toBe(200);
  const { totals, objects } = (await answer.json()) as { totals: unknown; objects: unknown };
  return { totals, objects };
}

test("a rebuild is confirmed, shows how far it is, and answers are the same after", async ({ page }) => {
  test.setTimeout(240_000);
  const before = await reached(page.request);
  await page.goto("/system");
  const panel = page.locator("section.panel", { hasText: say("rebuild.about") });
  await panel.getByRole("button").click();
  const asked = page.locator(".ant-popover:visible");
  await expect(asked).toBeVisible();
  await accessible(page);
  await asked.locator(".ant-btn-primary").click();
  await expect(panel.getByRole("progressbar")).toBeVisible();
  await expect(panel.getByRole("button")).toBeDisabled();
  await expect(panel.getByRole("status")).toContainText(say("job.good.rebuild"), { timeout: 180_000 });
  await expect(panel.getByRole("button")).toBeEnabled();
  await accessible(page);
  await fits(page);
  expect(await reached(page.request)).toEqual(before);
});
