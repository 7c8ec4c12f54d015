/** The zone that every time is shown in: the browser's, or the one the view's URL names (set by the page that has one). */
import { createContext, use, type ReactNode } from "react";

const Zone = createContext<string | undefined>(undefined);

export function ZoneProvider({ zone, children }: { zone: string | undefined; children: ReactNode }): ReactNode {
  return <Zone value={zone}>{children}</Zone>;
}

export function useZone(): string | undefined {
  return use(Zone);
}
