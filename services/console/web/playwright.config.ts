import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

// what Playwright itself takes where nobody looks: Chromium without a window's parts, in four fifths of the processor time
const SHELL = "/usr/bin/chromium-headless-shell";
const CHROMIUM = process.env["CHROMIUM"] ?? (process.env["STEMMA_E2E"] !== "all" && existsSync(SHELL) ? SHELL : "/usr/bin/chromium");

/**
 * Every page in two languages, widths and shades: `make e2e` takes all eight. `make check` takes two that differ in all three;
 * every page and what is tagged `@both` are in both, each other journey in one, for the sake of its quarter of an hour: on the
 * telephone those of `PHONE` and what is tagged `@phone`.
 */
const WIDTHS = { 360: { width: 360, height: 780 }, 1280: { width: 1280, height: 860 } } as const;
const PHONE = /(keeping|names|people|sign-in|evidence)\.spec/;
const SHORT: Record<string, { grep?: RegExp[]; grepInvert?: RegExp; testIgnore?: RegExp }> = {
  "zh-360-dark": { grep: [/@both|@phone|every-page\.spec/, PHONE] },
  "en-1280-light": { testIgnore: PHONE, grepInvert: /@phone/ },
};
// a page of a journey is gone before its optimised code has paid for itself
const BRIEFLY = process.env["STEMMA_E2E"] === "all" ? [] : ["--js-flags=--no-opt --no-maglev --min-semi-space-size=16"];
const LANGUAGES = ["zh", "en"] as const;
const SHADES = ["light", "dark"] as const;

const all = LANGUAGES.flatMap((language) =>
  ([360, 1280] as const).flatMap((width) =>
    SHADES.map((shade) => ({
      name: `${language}-${width}-${shade}`,
      use: { viewport: WIDTHS[width], colorScheme: shade, locale: language === "zh" ? "zh-CN" : "en-GB", hasTouch: width === 360 },
    })),
  ),
);

export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/plant.ts",
  timeout: 120_000,
  expect: { timeout: 30_000 },
  // each with a service of its own; they share the tests of a file, too, so that none is left alone with a long one
  workers: 3,
  fullyParallel: true,
  retries: 0,
  forbidOnly: Boolean(process.env["CI"]),
  reporter: [["list"]],
  use: {
    timezoneId: "Asia/Shanghai",
    // nothing is judged halfway through a transition
    contextOptions: { reducedMotion: "reduce" },
    // a trace of every test would cost a twelfth of its processor time; `--trace on` takes one, and a failure is pictured
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: CHROMIUM,
      args: [...BRIEFLY, "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
    },
  },
  projects: process.env["STEMMA_E2E"] === "all" ? all : all.flatMap((project) => {
    const own = SHORT[project.name];
    return own === undefined ? [] : [{ ...project, ...own }];
  }),
});
