import base from "./playwright.config";

/** `make screenshots`: the pictures of docs/images/, no tests. */
export default {
  ...base, globalSetup: ["./e2e/plant.ts", "./e2e/serve.ts"], testMatch: "screenshots.ts", timeout: 1_800_000, outputDir: "test-results/screenshots", use: { ...base.use, trace: "off" as const }, projects: [{ name: "screenshots" }],
};
