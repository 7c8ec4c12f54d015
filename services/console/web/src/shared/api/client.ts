/** The one HTTP client: types from the service's OpenAPI, the session's token on what changes something, one error. */
import createClient, { type Middleware } from "openapi-fetch";
import { languageOfRequests } from "@/shared/i18n/language";
import { ApiError, problemOf } from "./problem";
import type { paths } from "./schema.gen";

let csrf: string | null = null;

/** The token that `GET /api/v1/session` gave; sent with every call that changes something. */
export function keepCsrf(token: string | null): void {
  csrf = token;
}

/** Headers that every call of this console carries, those outside the client too. */
export function ownHeaders(method: string): Record<string, string> {
  const headers: Record<string, string> = { "accept-language": languageOfRequests() };
  if (method !== "GET" && csrf !== null) headers["stemma-csrf"] = csrf;
  return headers;
}

const around: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(ownHeaders(request.method))) request.headers.set(name, value);
  },
  async onResponse({ response }) {
    if (!response.ok) throw new ApiError(await problemOf(response));
  },
  onError({ error }) {
    if (error instanceof ApiError || (error instanceof DOMException && error.name === "AbortError")) return;
    return new ApiError({ status: 0, type: "", title: "offline", detail: "", errors: [], requestId: null });
  },
};

// answers that are also given as CSV, XLSX or NDJSON are asked for as JSON here
export const api = createClient<paths, "application/json">({
  baseUrl: globalThis.location.origin,
  // several times `object=…`, as FastAPI reads lists
  querySerializer: { array: { style: "form", explode: true } },
});
api.use(around);

/** What a call answered. An answer that is no success was thrown before, by the client itself. */
export async function answered<T>(call: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data } = await call;
  if (data === undefined) throw new ApiError({ status: 0, type: "", title: "empty", detail: "", errors: [], requestId: null });
  return data;
}
