/** Every page for every role: what is open works, what is closed says so, nothing is said in words outside the catalogue. */
import { type Page } from "@playwright/test";
import { accessible, expect, fits, opened, test, type Role } from "./stemma";

const LOT = "https://id.gs1.org/01/09521103000014/10/SESAME-0612";

interface Place {
  path: string;
  /** Roles for which the page is open; the others are told which right they lack. */
  open: readonly Role[];
  /** Whether the menu leads here. */
  menu: boolean;
}

const READERS: readonly Role[] = ["boss", "quality_manager", "team_leader", "inspector", "warehouse_keeper", "auditor"];
const TRACERS = READERS.filter((role) => role !== "warehouse_keeper");
const EVERYONE: readonly Role[] = [...READERS, "administrator"];
const KEEPERS: readonly Role[] = ["boss", "administrator"];

const PLACES: readonly Place[] = [
  { path: "/", open: EVERYONE, menu: true },
  { path: "/recall", open: TRACERS, menu: true },
  { path: "/timeline", open: READERS, menu: true },
  { path: "/names", open: READERS, menu: true },
  { path: "/system", open: KEEPERS, menu: true },
  { path: "/search?q=SESAME", open: READERS, menu: false },
  { path: `/object?id=${encodeURIComponent(LOT)}`, open: READERS, menu: false },
  { path: "/me", open: EVERYONE, menu: false },
  { path: "/refused", open: EVERYONE, menu: false },
  { path: "/people?tab=roles", open: EVERYONE, menu: false },
  { path: "/people?tab=accounts", open: KEEPERS, menu: false },
  { path: "/people?tab=keys", open: KEEPERS, menu: false },
  { path: "/people?tab=access", open: ["auditor"], menu: false },
];

/** Goes to a page and returns once nothing has been asked for half a second, as `networkidle` does where a page is loaded. */
function settling(page: Page): (path: string) => Promise<void> {
  let [open, last] = [0, 0];
  const changed = (by: number) => (): void => {
    open += by;
    last = Date.now();
  };
  page.on("request", changed(1));
  page.on("requestfinished", changed(-1));
  page.on("requestfailed", changed(-1));
  return async (path) => {
    await opened(page, path);
    last = Date.now();
    await expect.poll(() => open === 0 && Date.now() - last > 500, { message: path, intervals: [50] }).toBe(true);
  };
}

/** The address of the rooms that the menu shows. */
async function rooms(page: Page): Promise<string[]> {
  // the page may just have been wide: its button comes a moment after its width
  if ((page.viewportSize()?.width ?? 0) < 992) await page.locator(".shell-head > button").first().click();
  const links = page.locator("nav .ant-menu a");
  await expect(links.first()).toBeVisible();
  return await links.evaluateAll((found) => found.map((one) => one.getAttribute("href") ?? ""));
}

const whole = process.env["STEMMA_E2E"] === "all";

/** In the short run every role sees its pages once, in the one project or the other; whoever may see most in both. */
function hasTurn(role: Role): boolean {
  const chinese = test.info().project.name.startsWith("zh");
  return whole || role === "boss" || EVERYONE.indexOf(role) % 2 === (chinese ? 1 : 0);
}

/**
 * Whether it is judged how a page stands there, too. In the short run that is each page of whoever may see most, and of the
 * others their own home and one closed page: the rest they see as the first does, or less of it.
 */
function isJudged(role: Role, place: Place): boolean {
  return whole || role === "boss" || place.path === "/" || place === PLACES.find((one) => !one.open.includes(role));
}

for (const role of EVERYONE) {
  test.describe(role, () => {
    // on a phone the menu is a drawer
    test.use({ role });

    test(`${role}: each page is open or says what is missing, is accessible and fits, and the menu shows what may be opened`, async ({ page }) => {
      test.skip(!hasTurn(role), "the other project of the short run has this role");
      test.setTimeout(600_000);
      const settled = settling(page);
      for (const place of PLACES) {
        const judged = isJudged(role, place);
        await (judged ? settled(place.path) : opened(page, place.path));
        await expect(page.locator(".ant-result"), place.path).toHaveCount(place.open.includes(role) ? 0 : 1);
        if (!judged) continue;
        await accessible(page);
        await fits(page);
      }
      const shown = await rooms(page);
      for (const place of PLACES.filter((one) => one.menu)) expect(shown.includes(place.path), place.path).toBe(place.open.includes(role));
    });
  });
}

/** Text of the page that is neither a key of the catalogue in its brackets, nor a time, a quantity or a code. */
async function otherText(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const within = node.parentElement;
      if (within === null || within.closest("script, style, template, time, code, kbd, pre, svg, canvas, .code, .quantity") !== null) continue;
      const text = (node.textContent ?? "").replaceAll(/⟦[^⟧]*⟧/g, " ").trim();
      if (/\p{L}{2,}/u.test(text)) found.push(text);
    }
    return [...new Set(found)];
  });
}

test.describe("words", () => {
  test.use({ role: "boss" });

  test("in the language of tests no page shows text that is neither of the catalogue nor of an answer", async ({ page }) => {
    test.skip(!whole && test.info().project.name.startsWith("zh"), "the other project of the short run has it");
    test.setTimeout(600_000);
    await page.addInitScript(() => { localStorage.setItem("stemma.language", "__test__"); });
    const answers: Promise<string>[] = [];
    page.on("response", (response) => {
      if (/\/(api|health)\//.test(response.url())) answers.push(response.text().catch(() => ""));
    });
    const settled = settling(page);
    for (const place of PLACES.filter((one) => one.open.includes("boss"))) {
      await settled(place.path);
      // what stands there first, since more may come while the answers are read
      const shown = await otherText(page);
      const data = `${(await Promise.all(answers)).join("\n")}\n${decodeURIComponent(page.url())}`;
      const foreign = shown.filter((text) => text.split(/[\s,:()·/]+/).some((word) => /\p{L}{2,}/u.test(word) && !data.includes(word)));
      expect(foreign.filter((text) => text !== "Stemma" && text !== "Asia/Shanghai"), place.path).toEqual([]);
    }
  });
});
