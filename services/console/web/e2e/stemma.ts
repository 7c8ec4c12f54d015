/**
 * `test` of every journey: a page in the project's language and shade, signed in as a role, that fails on what no page may
 * do: an error in the console, a broken policy, a request to another origin.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test as base, type Page } from "@playwright/test";
import serve, { PASSWORD, type ROLES } from "./serve";

export { expect };
export type Role = (typeof ROLES)[number] | "boss";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");

interface Own {
  /** Who is signed in; null for nobody. */
  role: Role | null;
  /** What the console may say in its log: texts of faults that a test makes on purpose. */
  expected: RegExp[];
}

export const test = base.extend<Own & { watched: string[] }, { service: string }>({
  role: ["boss", { option: true }],
  expected: [[], { option: true }],
  /** The origin of this worker's own service, so that journeys beside each other change nothing under one another. */
  service: [
    async ({}, use) => {
      const end = await serve();
      await use(process.env["STEMMA_ORIGIN"] ?? "");
      await end();
    },
    { scope: "worker", timeout: 300_000 },
  ],
  baseURL: async ({ service }, use) => {
    await use(service);
  },
  watched: [
    async ({ page, context, baseURL, expected, role, colorScheme, locale }, use) => {
      const faults: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") faults.push(message.text());
      });
      page.on("pageerror", (error) => faults.push(String(error)));
      page.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith(`${baseURL ?? ""}/`) && !/^(data|blob|about):/.test(url)) faults.push(`foreign request: ${url}`);
      });
      await context.addInitScript(
        ([language, shade]) => {
          if (localStorage.getItem("stemma.language") === null) localStorage.setItem("stemma.language", language ?? "en");
          if (localStorage.getItem("stemma.theme") === null) localStorage.setItem("stemma.theme", shade ?? "light");
          document.addEventListener("securitypolicyviolation", (event) => {
            console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
          });
        },
        [locale === "zh-CN" ? "zh" : "en", colorScheme ?? "light"],
      );
      if (role !== null) await signIn(page, role);
      await use(faults);
      expect(faults.filter((fault) => !expected.some((pattern) => pattern.test(fault)))).toEqual([]);
    },
    { auto: true },
  ],
});

const cookies = new Map<Role, Awaited<ReturnType<ReturnType<Page["context"]>["cookies"]>>>();

/** A session without the form: once a role, then its cookie again. */
export async function signIn(page: Page, role: Role): Promise<void> {
  const kept = cookies.get(role);
  if (kept !== undefined) {
    await page.context().addCookies(kept);
    return;
  }
  const answer = await page.request.post("/api/v1/session", { data: { name: role, password: PASSWORD } });
  expect(answer.status()).toBe(201);
  cookies.set(role, await page.context().cookies());
}

/** Go there as a link of the console does, or as an address that was typed where there is no other page to come from. */
export async function opened(page: Page, path: string): Promise<void> {
  const before = new URL(page.url());
  if (before.protocol === "about:" || before.pathname === path.split("?")[0]) await page.goto(path);
  else {
    await page.getByRole("heading", { level: 1 }).evaluate((heading) => { heading.dataset["left"] = ""; });
    await page.evaluate((there) => {
      history.pushState({}, "", there);
      dispatchEvent(new PopStateEvent("popstate"));
    }, path);
    await expect(page.locator("h1[data-left]"), `${path}: the page before is gone`).toHaveCount(0);
  }
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

/** No serious fault that axe finds on the page as it stands. */
export async function accessible(page: Page): Promise<void> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe: judge } = globalThis as unknown as { axe: { run: (options: object) => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } };
    const { violations } = await judge.run({ resultTypes: ["violations"] });
    return violations
      .filter((one) => one.impact === "serious" || one.impact === "critical")
      .map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
  expect(found).toEqual([]);
}

/** Nothing stands out sideways: the page itself never scrolls across, nor would it on a phone or a desk in this language. */
export async function fits(page: Page): Promise<void> {
  await neverAcross(page);
  const own = page.viewportSize();
  if (own === null) return;
  await page.setViewportSize({ ...own, width: own.width < 768 ? 1280 : 360 });
  await neverAcross(page);
  await page.setViewportSize(own);
}

async function neverAcross(page: Page): Promise<void> {
  const over = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect.poll(over, { message: `${page.url()} at ${page.viewportSize()?.width}` }).toBeLessThanOrEqual(1);
}
