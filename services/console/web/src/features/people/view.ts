/** The view of the people page as it stands in the address; apart from the page, so that its route does not bring it. */
import type { AccessKind } from "@/shared/api/access";

export const TABS = ["accounts", "roles", "keys", "access"] as const;
export type Tab = (typeof TABS)[number];

export interface View {
  tab?: Tab | undefined;
  kind?: AccessKind[] | undefined;
}
