/** A product, a place and a party get names, which then stand wherever their bare codes stood. */
import type { Page } from "@playwright/test";
import { capture, checked, ownNumber } from "./floor";
import { accessible, expect, fits, opened, test } from "./stemma";
import { language, say } from "./words";

interface Entry {
  id: string;
  zh: string;
  en: string;
  unit?: string;
  contact?: string;
}

async function name(page: Page, entry: Entry): Promise<void> {
  await page.getByRole("button", { name: say("names.make") }).click();
  const dialog = page.getByRole("dialog");
  for (const field of ["id", "zh", "en", "unit", "contact"] as const) {
    const text = entry[field];
    if (text !== undefined) await dialog.locator(`#${field}`).fill(text);
  }
  await dialog.locator(".ant-btn-primary").click();
  await expect(dialog).toHaveCount(0);
}

test("names stand wherever the bare code stood, in both languages, with unit, contact and whose place it is", async ({ page }) => {
  const number = ownNumber();
  const [place, party] = [checked(`95210070010${number}`), checked(`95210070020${number}`)];
  const product = checked(`095210070030${number}`);
  const lot = `NAMED-${number}`;
  const said = (zh: string, en: string): string => (language() === "zh" ? zh : en);
  const names = {
    place: { zh: `冷库${number}号`, en: `Cold store ${number}` },
    party: { zh: `山谷农场${number}`, en: `Valley Farm ${number}` },
    product: { zh: `亚麻籽${number}`, en: `Linseed ${number}` },
  };
  await capture(page, {
    activity: "receive", id: lot, time: "2026-06-20T08:00:00+08:00", place: `https://id.gs1.org/414/${place}`, from: `https://id.gs1.org/417/${party}`,
    objects: [{ id: `(01)${product}(10)${lot}`, quantity: "40", unit: "KGM" }],
  });
  const pages = [`/object?id=${lot}`, `/timeline?var-object=${lot}`, `/recall?object=${lot}`];
  const content = page.locator("#content");
  for (const path of pages) {
    await opened(page, path);
    await expect(content.getByText(place).first(), path).toBeVisible();
  }
  await opened(page, `/object?id=${lot}`);
  await expect(content.getByText(say("status.delivered")).first()).toBeVisible();

  await opened(page, "/names");
  await name(page, { id: `(01)${product}`, ...names.product, unit: "KGM" });
  await name(page, { id: `https://id.gs1.org/414/${place}`, ...names.place, contact: `store${number}@plant.example` });
  await name(page, { id: `https://id.gs1.org/417/${party}`, ...names.party, contact: "+86 21 5555 0100" });
  await page.getByRole("textbox", { name: say("names.find") }).fill(names.product.en);
  const row = page.locator("tbody tr").filter({ hasText: names.product.zh });
  await expect(row).toContainText(/kg|千克/);
  await page.getByRole("textbox", { name: say("names.find") }).fill(names.place.en);
  const store = page.locator("tbody tr").filter({ hasText: names.place.zh });
  await expect(store).toContainText(`store${number}@plant.example`);
  await store.getByRole("button", { name: say("accounts.edit") }).click();
  await page.getByRole("dialog").locator("#own").click();
  await accessible(page);
  await page.getByRole("dialog").locator(".ant-btn-primary").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(store).toContainText(say("names.own.yes"));
  await fits(page);

  for (const path of pages) {
    await opened(page, path);
    await expect(content.getByText(said(names.place.zh, names.place.en)).first(), path).toBeVisible();
    await page.waitForLoadState("networkidle");
    const text = await content.innerText();
    for (const bare of [place, party]) expect(text.includes(bare), `${path} shows ${bare}`).toBe(false);
  }
  await opened(page, `/object?id=${lot}`);
  await expect(content.getByText(said(names.product.zh, names.product.en)).first()).toBeVisible();
  // what is received at one's own place is in stock
  await expect(content.getByText(say("status.in_stock")).first()).toBeVisible();
  await opened(page, `/timeline?var-object=${lot}`);
  await page.locator(".rows-row button[aria-expanded]").first().click();
  await expect(page.getByTestId("detail")).toContainText(said(names.party.zh, names.party.en));
  await opened(page, `/search?q=${encodeURIComponent(said(names.party.zh, names.party.en))}`);
  await expect(content.getByText(said(names.party.zh, names.party.en)).first()).toBeVisible();
});
