import { expect, test } from "vitest";
import { lookOf, windowOf } from "./model";
import type { Need } from "./api";

const need = (kind: Need["kind"], look: string): Need => ({ kind, look, severity: "warning", count: 1, since: null, last: null, about: null });

test("a window of the API becomes one of the timeline, an hour wider at each end", () => {
  expect(windowOf("/api/v1/timeline/marks?kind=correction&from=2026-06-17T02%3A30%3A00Z&to=2026-06-17T02%3A30%3A00Z")).toEqual({
    from: "2026-06-17T01:30:00.000Z", to: "2026-06-17T03:30:00.000Z",
  });
  expect(windowOf("/health/ready")).toEqual({});
});

test("nobody is sent to a page that is closed to them", () => {
  expect(lookOf(need("lag", "/health/ready"), (right) => right === "query")).toBeNull();
  expect(lookOf(need("lag", "/health/ready"), (right) => right === "operate")).toEqual({ to: "/system" });
  expect(lookOf(need("conflict", "/api/v1/timeline/marks"), () => false)).toBeNull();
  expect(lookOf(need("refused", "/api/v1/refused"), () => false)).toEqual({ to: "/refused" });
});
