import { fileURLToPath } from "node:url";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// `__NONCE__` is replaced in every answer by services/console/app.py.
export default defineConfig({
  plugins: [tanstackRouter({ target: "react", autoCodeSplitting: true, quoteStyle: "double", semicolons: true }), react()],
  resolve: { alias: { "@": here("./src"), "@words": here("../words") } },
  html: { cspNonce: "__NONCE__" },
  build: { manifest: true, sourcemap: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 1500 },
  server: {
    fs: { allow: [here("..")] },
    proxy: Object.fromEntries(
      ["/api", "/epcis", "/health", "/setup", "/docs", "/openapi.json"].map((path) => [path, "http://127.0.0.1:8000"]),
    ),
  },
  test: {
    projects: [
      { extends: true, test: { name: "pure", environment: "node", include: ["src/**/*.test.ts"] } },
      { extends: true, test: { name: "drawn", environment: "jsdom", include: ["src/**/*.test.tsx"], setupFiles: ["./src/shared/testing/set-up.ts"] } },
    ],
  },
});
