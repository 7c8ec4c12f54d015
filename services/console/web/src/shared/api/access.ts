/** Kinds of records of access; apart from their choice, so that an address that names some does not bring it. */
import type { components } from "./schema.gen";
import { z } from "./zod";

export type AccessKind = components["schemas"]["AccessRead"]["kind"];

/** Every kind, in the order of the choice; one that the service has and this lacks does not compile. */
const LISTED: Record<AccessKind, true> = {
  sign_in: true, sign_in_failed: true, sign_out: true, account_made: true, account_changed: true, password_set: true, link_made: true, key_made: true, key_revoked: true,
  settings: true, export: true, backup: true, rebuild: true,
};

const isKind = (text: string): text is AccessKind => text in LISTED;

export const ACCESS_KINDS: readonly AccessKind[] = Object.keys(LISTED).filter(isKind);

/** Some kinds in an address, once or several times; what is none is left out, since a bad address changes nothing. */
export const accessKinds = z.preprocess((value) => (typeof value === "string" ? [value] : value), z.array(z.enum(ACCESS_KINDS)).optional()).catch(undefined);
