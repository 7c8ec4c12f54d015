/** Accounts, roles, keys and the record of access, as the service has them. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { AccessKind } from "@/shared/api/access";
import { answered, api } from "@/shared/api/client";
import type { components } from "@/shared/api/schema.gen";

export type Account = components["schemas"]["AccountRead"];
export type AccountMade = components["schemas"]["AccountMade"];
export type Invitation = components["schemas"]["LinkMade"];
export type Role = Account["roles"][number];
export type Key = components["schemas"]["KeyRead"];
export type Scope = Key["scopes"][number];
export type Access = components["schemas"]["AccessRead"];

const PAGE = 50;

export const accountsQuery = queryOptions({
  queryKey: ["accounts"],
  queryFn: async () => (await answered(api.GET("/api/v1/accounts"))).accounts,
});

export const rolesQuery = queryOptions({
  queryKey: ["roles"],
  queryFn: async () => (await answered(api.GET("/api/v1/roles"))).roles,
  staleTime: Infinity,
});

export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: async () => (await answered(api.GET("/api/v1/keys"))).keys,
});

/** Who is who, past ones too: names for `account:…` and `key:…`. */
export const actorsQuery = queryOptions({
  queryKey: ["actors"],
  queryFn: async () => Object.fromEntries((await answered(api.GET("/api/v1/actors"))).actors.map((one) => [one.actor, one.name])),
  staleTime: 60_000,
});

/** The record of access, newest first; of any kind where none is given. */
export const accessQuery = (kind: readonly AccessKind[]) => infiniteQueryOptions({
  queryKey: ["access", kind],
  queryFn: ({ pageParam }) =>
    answered(api.GET("/api/v1/access", { params: { query: { kind: [...kind], limit: PAGE, ...(pageParam === "" ? {} : { after: pageParam }) } } })),
  initialPageParam: "",
  getNextPageParam: (last) => last.next ?? undefined,
});

export interface NewAccount {
  name: string;
  shown?: string;
  roles: Role[];
}

export function makeAccount(given: NewAccount): Promise<AccountMade> {
  return answered(api.POST("/api/v1/accounts", { body: given }));
}

export function changeAccount(id: string, change: { shown?: string; roles?: Role[]; disabled?: boolean }): Promise<Account> {
  return answered(api.PATCH("/api/v1/accounts/{account_id}", { params: { path: { account_id: id } }, body: change }));
}

export function newLink(id: string): Promise<Invitation> {
  return answered(api.POST("/api/v1/accounts/{account_id}/link", { params: { path: { account_id: id } } }));
}

export function makeKey(given: { name: string; scopes: Scope[] }): Promise<components["schemas"]["KeyMade"]> {
  return answered(api.POST("/api/v1/keys", { body: given }));
}

export function revokeKey(id: string): Promise<Key> {
  return answered(api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: id } } }));
}

export function setPassword(given: { old: string; new: string }): Promise<components["schemas"]["SessionRead"]> {
  return answered(api.PUT("/api/v1/me/password", { body: given }));
}

export function signOutEverywhere(): Promise<components["schemas"]["SessionRead"]> {
  return answered(api.DELETE("/api/v1/session", { params: { query: { everywhere: true } } }));
}
