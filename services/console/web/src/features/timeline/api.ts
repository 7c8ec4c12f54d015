/** What the timeline asks the service: a question a panel, so that one that fails leaves the others. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { AccessKind } from "@/shared/api/access";
import { answered, api } from "@/shared/api/client";
import { momentsOf } from "./moments";
import type { Access, AccessPage, Answer, Marks, Names } from "./types";
import type { Asked, Lanes } from "./view";

/** Events that lanes are made of; beyond, they say that they are cut. */
export const MOST_ON_LANES = 1000;
/** Events that give the stops of the slider; beyond, it says so. */
const MOST_ON_SLIDER = 1000;
const PAGE = 200;

const key = (panel: string, ...more: unknown[]): unknown[] => ["timeline", panel, ...more];

/** Where what matches begins and ends, by event time. */
export const spanQuery = (asked: Asked) =>
  queryOptions({
    queryKey: key("span", asked),
    queryFn: async ({ signal }) => {
      const ends = (["asc", "desc"] as const).map(async (order) => {
        const answer = await answered(api.GET("/api/v1/timeline", { params: { query: { ...asked, order, limit: 1 } }, signal }));
        return answer.events[0]?.time;
      });
      const [first, last] = await Promise.all(ends);
      return { first, last };
    },
  });

export const densityQuery = (asked: Asked, bucket: string, zone: string) =>
  queryOptions({
    queryKey: key("density", asked, bucket, zone),
    queryFn: ({ signal }): Promise<Answer> =>
      answered(api.GET("/api/v1/timeline", { params: { query: { ...asked, bucket, zone, limit: 1 } }, signal })),
    placeholderData: keepPreviousData,
  });

export const lanesQuery = (asked: Asked, lanes: Lanes) =>
  queryOptions({
    queryKey: key("lanes", asked, lanes),
    queryFn: ({ signal }): Promise<Answer> =>
      answered(api.GET("/api/v1/timeline", { params: { query: { ...asked, lanes, limit: MOST_ON_LANES, order: "desc" } }, signal })),
    placeholderData: keepPreviousData,
  });

export const sensorQuery = (asked: Asked, sensor: string) =>
  queryOptions({
    queryKey: key("sensor", asked, sensor),
    queryFn: ({ signal }): Promise<Answer> =>
      answered(api.GET("/api/v1/timeline", { params: { query: { ...asked, sensor, limit: 1 } }, signal })),
    placeholderData: keepPreviousData,
  });

/** All that matches, page by page; every page carries the moment of the first. */
export const eventsQuery = (asked: Asked, order: "asc" | "desc") =>
  infiniteQueryOptions({
    queryKey: key("events", asked, order),
    queryFn: ({ signal, pageParam }): Promise<Answer> =>
      answered(api.GET("/api/v1/timeline", { params: { query: { ...asked, order, limit: PAGE, ...(pageParam === null ? {} : { after: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Answer) => last.next,
    placeholderData: keepPreviousData,
  });

/** Moments at which what is shown became known; `of` so many newest events where there are more. */
export const momentsQuery = (asked: Asked) =>
  queryOptions({
    queryKey: key("moments", asked),
    queryFn: async ({ signal }): Promise<{ moments: string[]; of: number | null }> => {
      const answer = await answered(api.GET("/api/v1/timeline", { params: { query: { ...asked, limit: MOST_ON_SLIDER, order: "desc" } }, signal }));
      return { moments: momentsOf(answer.events), of: answer.next === null ? null : answer.events.length };
    },
    placeholderData: keepPreviousData,
  });

/** What stands out, each kind counted exactly; of gaps those that are long for what is looked at. */
export const marksQuery = (asked: Asked, gap: string) =>
  queryOptions({
    queryKey: key("marks", asked, gap),
    queryFn: ({ signal }): Promise<Marks> => answered(api.GET("/api/v1/timeline/marks", { params: { query: { ...asked, gap } }, signal })),
    placeholderData: keepPreviousData,
  });

export interface AccessAsked {
  from: string;
  to: string;
  /** All without. */
  kind?: AccessKind[];
}

/** Sign-ins, roles, keys, settings, exports: the stream `access`, for those with the right `audit`. */
export const accessQuery = (asked: AccessAsked) =>
  queryOptions({
    queryKey: key("access", asked),
    queryFn: ({ signal }) => answered(api.GET("/api/v1/access", { params: { query: { ...asked, order: "desc", limit: 1000 } }, signal })),
    placeholderData: keepPreviousData,
  });

/** Every such record of a time, page by page, for a file. */
export async function everyAccess(asked: AccessAsked): Promise<Access[]> {
  const found: Access[] = [];
  let after: string | null = null;
  do {
    const place: { after?: string } = after === null ? {} : { after };
    const page: AccessPage = await answered(api.GET("/api/v1/access", { params: { query: { ...asked, order: "desc", limit: 1000, ...place } } }));
    found.push(...page.access);
    after = page.next;
  } while (after !== null);
  return found;
}

/** Who the `actor` of an event is. */
export const actorsQuery = queryOptions({
  queryKey: key("actors"),
  queryFn: async ({ signal }): Promise<Names> => {
    const { actors } = await answered(api.GET("/api/v1/actors", { signal }));
    return Object.fromEntries(actors.map((one) => [one.actor, one.name]));
  },
  staleTime: 60_000,
});

/** Names of the values of filters, which may stand on no event of the page. */
export const namesQuery = (ids: readonly string[], language: string) =>
  queryOptions({
    queryKey: key("names", ids, language),
    queryFn: async ({ signal }): Promise<Names> => {
      const { names } = await answered(api.GET("/api/v1/names", { params: { query: { id: [...ids] } }, signal }));
      const spoken = (one: { zh: string | null; en: string | null }): string | null => (language === "zh" ? (one.zh ?? one.en) : (one.en ?? one.zh));
      return Object.fromEntries(names.flatMap((one) => { const name = spoken(one); return name === null ? [] : [[one.id, name]]; }));
    },
    enabled: ids.length > 0,
    staleTime: 60_000,
  });

/** Values to choose a filter from: anything whose number, name or key has the text. */
export const foundQuery = (q: string) =>
  queryOptions({
    queryKey: key("found", q),
    queryFn: ({ signal }) => answered(api.GET("/api/v1/search", { params: { query: { q, limit: 20 } }, signal })),
    enabled: q !== "",
    staleTime: 30_000,
  });

/** The event to the byte. */
export const rawQuery = (event: string) =>
  queryOptions({
    queryKey: key("raw", event),
    queryFn: async ({ signal }): Promise<{ text: string; media: string; context: string | null; bytes: ArrayBuffer }> => {
      const { response, data } = await api.GET("/api/v1/raw", { params: { query: { event } }, signal, parseAs: "arrayBuffer" });
      const bytes = data ?? new ArrayBuffer(0);
      return {
        bytes,
        text: new TextDecoder().decode(bytes),
        media: response.headers.get("content-type") ?? "",
        context: response.headers.get("stemma-context"),
      };
    },
    staleTime: Infinity,
  });

/** One event by its id, with every record of it and whether seals cover them; it may lie outside the range. */
export const wholeQuery = (event: string, knownAt: string | undefined) =>
  queryOptions({
    queryKey: key("whole", event, knownAt),
    queryFn: ({ signal }) => answered(api.GET("/api/v1/event", { params: { query: { id: event, known_at: knownAt } }, signal })),
  });

/** What the log has of these filters and range (not of what is taken out), as a ZIP that is checked with Python alone. The service records that it was taken. */
export async function evidenceOf(asked: Asked): Promise<Blob> {
  const { object = [], place = [], resource = [], operator = [], activity = [], party = [], document = [], from, to, known_at } = asked;
  const body = { object, place, resource, operator, activity, party, document, from, to, known_at };
  const { data } = await api.POST("/api/v1/evidence", { body, parseAs: "blob" });
  return data instanceof Blob ? data : new Blob();
}

export const keysOfTimeline = { all: ["timeline"] as const };
