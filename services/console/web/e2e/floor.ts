/** What the shop floor and other systems send, by the session of the page; and keys that are a project's own. */
import { expect, test, type APIResponse, type Page } from "@playwright/test";

export async function send(page: Page, method: "POST" | "PUT", path: string, data: unknown, type = "application/json"): Promise<APIResponse> {
  const { csrf } = (await (await page.request.get("/api/v1/session")).json()) as { csrf: string };
  const origin = process.env["STEMMA_ORIGIN"] ?? "";
  return await page.request.fetch(path, { method, headers: { "stemma-csrf": csrf, origin, "content-type": type }, data: JSON.stringify(data) });
}

/** One activity, which is taken. */
export async function capture(page: Page, activity: object): Promise<void> {
  const answer = await send(page, "POST", "/api/v1/activities", activity);
  expect(answer.ok(), await answer.text()).toBe(true);
}

/** Projects may share a service: what one makes has a number of its own, 0 to 7. */
export function ownNumber(): number {
  const name = test.info().project.name;
  return (name.startsWith("zh") ? 0 : 4) + (name.includes("-360-") ? 0 : 2) + (name.endsWith("dark") ? 1 : 0);
}

/** Digits with the check digit of GS1 General Specifications 7.9. */
export function checked(digits: string): string {
  const sum = Array.from(digits).reverse().reduce((all, digit, place) => all + Number(digit) * (place % 2 === 0 ? 3 : 1), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
