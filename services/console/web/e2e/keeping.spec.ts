/** What whoever runs the service does by button: backups, the check of the log, refused calls sent again. */
import type { Page } from "@playwright/test";
import { ownNumber, send } from "./floor";
import { accessible, expect, fits, test } from "./stemma";
import { say } from "./words";

async function settled(page: Page): Promise<void> {
  await expect(page.locator(".ant-btn-loading")).toHaveCount(0);
}

test("a backup is made by button, and Home says how old the last one is", async ({ page }) => {
  const begun = Date.now();
  await page.goto("/system");
  await page.getByRole("button", { name: say("backup.make") }).click();
  const first = page.getByRole("table", { name: say("backup.title") }).locator("time").first();
  await expect.poll(async () => Date.parse((await first.getAttribute("datetime")) ?? "")).toBeGreaterThan(begun - 1_000);
  await expect(page.getByText(say("job.good.backup"))).toBeVisible();
  const newest = await first.getAttribute("datetime");
  await settled(page);
  await accessible(page);
  await fits(page);
  await page.goto("/");
  const told = page.locator("p", { hasText: say("home.backup") });
  await expect(told.locator("time")).toHaveAttribute("datetime", newest ?? "");
  await accessible(page);
  await told.getByRole("link").click();
  await expect(page).toHaveURL(/\/system$/);
});

test("the log is checked against its seals by button", async ({ page }) => {
  await page.goto("/system");
  await page.getByRole("button", { name: say("log.verify") }).click();
  await expect(page.getByText(say("job.good.verify"))).toBeVisible();
  await expect(page.locator("pre.raw").first()).toContainText(/\d/);
  await settled(page);
  await accessible(page);
});

test.describe("a refused call", () => {
  // the refusals themselves
  test.use({ expected: [/422/] });

  test("is sent again as it was once what it names is known (SC-E8)", async ({ page }) => {
    const eventID = `urn:uuid:0d1b2c3e-5f60-4a7b-8c9d-0e1f2a3b4c5${ownNumber()}`;
    const refused = await send(page, "POST", "/api/v1/activities", { activity: "correct", id: `early-${ownNumber()}`, event: eventID, reason: "did_not_occur" });
    expect(refused.status()).toBe(422);
    await page.goto("/refused");
    // what is refused again stands here once, as it came last
    const call = page.locator(".panel", { hasText: eventID });
    const again = call.getByRole("button", { name: say("refused.again") });
    await again.click();
    await expect(page.getByText(say("refused.again.failed"))).toBeVisible();
    await expect(call.getByText(say("refused.attempts", { count: "2" }))).toBeVisible();
    const event = {
      type: "ObjectEvent", eventID, eventTime: "2026-06-20T08:00:00Z", eventTimeZoneOffset: "+08:00", epcList: [`urn:stemma:e2e:early-${ownNumber()}`],
      action: "OBSERVE", bizStep: "inspecting",
    };
    const body = {
      "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld", type: "EPCISDocument", schemaVersion: "2.0",
      creationDate: "2026-06-20T08:00:01Z", epcisBody: { eventList: [event] },
    };
    const known = await send(page, "POST", "/epcis/v2/capture", body, "application/ld+json");
    expect(known.ok(), await known.text()).toBe(true);
    await page.reload();
    await again.click();
    await expect(call.getByText(say("refused.taken"))).toBeVisible();
  });

  test("is mended on its page, and what was wrong is gone (SC-E8)", async ({ page }) => {
    const serial = `mended-${ownNumber()}`;
    const wrong = { activity: "observe", id: serial, time: "yesterday", place: "urn:stemma:e2e:dock", objects: [{ id: `urn:stemma:e2e:${serial}` }] };
    expect((await send(page, "POST", "/api/v1/activities", wrong)).status()).toBe(422);
    await page.goto("/refused");
    const call = page.locator(".panel", { hasText: serial }).first();
    await expect(call).toContainText("time");
    await call.getByRole("button", { name: say("refused.mend") }).click();
    const box = call.getByRole("textbox", { name: say("refused.mended") });
    await box.fill((await box.inputValue()).replace("yesterday", "2026-06-20T08:00:00Z"));
    await accessible(page);
    await fits(page);
    await call.getByRole("button", { name: say("refused.again.mended") }).click();
    await expect(call.getByText(say("refused.taken"))).toBeVisible();
    await page.goto(`/object?id=urn:stemma:e2e:${serial}`);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(serial);
  });
});
