/** What jsdom lacks and Ant Design asks for. */
import { vi } from "vitest";

vi.stubGlobal("matchMedia", (query: string) => ({
  matches: false, media: query, onchange: null, addEventListener: vi.fn(), removeEventListener: vi.fn(), dispatchEvent: vi.fn(), addListener: vi.fn(), removeListener: vi.fn(),
}));
vi.stubGlobal("ResizeObserver", class {
  observe = vi.fn();
  unobserve = vi.fn();
  disconnect = vi.fn();
});
