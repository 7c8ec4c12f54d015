/** What jsdom lacks and Ant Design asks for, and an end to what a test has drawn. */
import { cleanup } from "@testing-library/react";
import { afterEach, vi } from "vitest";

vi.stubGlobal("matchMedia", (query: string) => ({
  matches: false, media: query, onchange: null, addEventListener: vi.fn(), removeEventListener: vi.fn(), dispatchEvent: vi.fn(), addListener: vi.fn(), removeListener: vi.fn(),
}));
vi.stubGlobal("ResizeObserver", class {
  observe = vi.fn();
  unobserve = vi.fn();
  disconnect = vi.fn();
});

/** A tooltip left open has timers, and React work in its queue, which would find no `window` once jsdom is taken down. */
afterEach(async () => {
  cleanup();
  await new Promise((done) => { setTimeout(done, 0); });
  await new Promise((done) => { setImmediate(done); });
});
