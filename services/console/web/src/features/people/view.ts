/** The view of the people page as it stands in the address; apart from the page, so that its route does not bring it. */
import type { AccessKind } from "./api";

export const TABS = ["accounts", "roles", "keys", "access"] as const;
export type Tab = (typeof TABS)[number];

export const KINDS: readonly AccessKind[] = [
  "sign_in", "sign_in_failed", "sign_out", "account_made", "account_changed", "password_set", "link_made", "key_made", "key_revoked", "settings", "export", "backup",
];

export interface View {
  tab?: Tab | undefined;
  kind?: AccessKind[] | undefined;
}
