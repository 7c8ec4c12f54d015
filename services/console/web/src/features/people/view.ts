/** The view of the people page as it stands in the address; apart from the page, so that its route does not bring it. */
import type { AccessKind } from "./api";

export const TABS = ["accounts", "roles", "keys", "access"] as const;
export type Tab = (typeof TABS)[number];

/** Every kind, in the order of the choice; one that the service has and this lacks does not compile. */
const LISTED: Record<AccessKind, true> = {
  sign_in: true, sign_in_failed: true, sign_out: true, account_made: true, account_changed: true, password_set: true, link_made: true, key_made: true, key_revoked: true,
  settings: true, export: true, backup: true, rebuild: true,
};

const isKind = (text: string): text is AccessKind => text in LISTED;

export const KINDS: readonly AccessKind[] = Object.keys(LISTED).filter(isKind);

export interface View {
  tab?: Tab | undefined;
  kind?: AccessKind[] | undefined;
}
