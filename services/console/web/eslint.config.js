import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const ZOD = { name: "zod", message: "import `z` from @/shared/api/zod: the policy forbids zod's compiled parsers" };

/** shared → features → app and routes; a feature imports itself by relative paths and no other feature. */
const layers = (...groups) => ({
  "no-restricted-imports": ["error", { paths: [ZOD], patterns: groups.map((group) => ({ group: [group], message: "see docs/console.md: layers" })) }],
});

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "src/**/*.gen.ts", "playwright-report/", "test-results/"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  { ...hooks.configs.flat.recommended, files: ["src/**"] },
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/only-throw-error": ["error", { allow: [{ from: "package", package: "@tanstack/router-core", name: ["Redirect", "NotFoundError"] }] }],
      "no-console": "error",
    },
  },
  { files: ["eslint.config.js"], extends: [tseslint.configs.disableTypeChecked] },
  { files: ["src/app/**", "src/routes/**"], rules: layers() },
  { files: ["src/shared/**"], rules: layers("@/features/*", "@/app/*", "@/routes/*") },
  { files: ["src/features/**"], rules: layers("@/features/*", "@/app/*", "@/routes/*", "../../*") },
  // Playwright's fixtures take an object pattern
  { files: ["e2e/**"], rules: { "no-empty-pattern": "off", "no-console": "off" } },
  { files: ["src/shared/api/zod.ts"], rules: { "no-restricted-imports": "off" } },
);
