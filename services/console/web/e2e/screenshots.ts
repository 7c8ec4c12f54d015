/**
 * Pictures of every page in both languages, into docs/images/: `make screenshots`. They are taken of the demo plant, by whoever
 * may see the page, on a desk and on a phone.
 */
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test, type Browser } from "@playwright/test";
import { PASSWORD } from "./serve";

const FOLDER = fileURLToPath(new URL("../../../../docs/images", import.meta.url));
const LARGEST = 300 * 1024;
/** A picture ends here, however long its page is. */
const TALLEST = 1_500;
const LOT = encodeURIComponent("https://id.gs1.org/01/09521103000014/10/SESAME-0612");

interface Picture {
  name: string;
  path: string;
  role: string | null;
  phone: boolean;
}

const PICTURES: readonly Picture[] = [
  { name: "sign-in", path: "/sign-in", role: null, phone: false },
  { name: "home", path: "/", role: "boss", phone: true },
  { name: "search", path: "/search?q=L2026-01", role: "boss", phone: true },
  { name: "object", path: "/object?id=B-0620-1", role: "boss", phone: true },
  { name: "recall", path: `/recall?object=${LOT}`, role: "boss", phone: true },
  { name: "recall-graph", path: `/recall?object=${LOT}&tab=graph`, role: "boss", phone: false },
  { name: "timeline", path: `/timeline?var-object=${LOT}`, role: "boss", phone: true },
  { name: "names", path: "/names", role: "boss", phone: false },
  { name: "people", path: "/people", role: "boss", phone: false },
  { name: "roles", path: "/people?tab=roles", role: "boss", phone: false },
  { name: "access", path: "/people?tab=access", role: "auditor", phone: false },
  { name: "me", path: "/me", role: "boss", phone: false },
  { name: "system", path: "/system", role: "boss", phone: false },
  { name: "refused", path: "/refused", role: "boss", phone: false },
];

async function take(browser: Browser, origin: string, picture: Picture, language: "zh" | "en", width: number): Promise<void> {
  const context = await browser.newContext({
    baseURL: origin, viewport: { width, height: width === 360 ? 780 : 800 }, locale: language === "zh" ? "zh-CN" : "en-GB", timezoneId: "Asia/Shanghai",
  });
  await context.addInitScript((spoken) => {
    localStorage.setItem("stemma.language", spoken);
    localStorage.setItem("stemma.theme", "light");
  }, language);
  if (picture.role !== null) await context.request.post("/api/v1/session", { data: { name: picture.role, password: PASSWORD } });
  const page = await context.newPage();
  await page.goto(picture.path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForLoadState("networkidle");
  await page.waitForTimeout(1_500);
  const file = join(FOLDER, `${picture.name}-${language}${width === 360 ? "-phone" : ""}.png`);
  // folders of the machine that took the picture are nobody's business
  const mask = [page.locator(".code:visible", { hasText: /^\// })];
  const height = Math.min(await page.evaluate(() => document.documentElement.scrollHeight), TALLEST);
  await page.screenshot({ path: file, fullPage: true, clip: { x: 0, y: 0, width, height }, animations: "disabled", caret: "hide", mask, maskColor: "#e3e8ec" });
  await context.close();
  if ((await stat(file)).size > LARGEST) throw new Error(`${file} is larger than ${LARGEST} bytes`);
}

test("every page in both languages", async ({ browser }) => {
  const origin = process.env["STEMMA_ORIGIN"] ?? "";
  await mkdir(FOLDER, { recursive: true });
  for (const old of await readdir(FOLDER)) if (old.endsWith(".png")) await rm(join(FOLDER, old));
  for (const picture of PICTURES) {
    for (const language of ["zh", "en"] as const) {
      await take(browser, origin, picture, language, 1280);
      if (picture.phone) await take(browser, origin, picture, language, 360);
    }
  }
});
