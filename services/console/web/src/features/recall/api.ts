/** What the explorer asks the service: the answer, its pages, one step, a path, kept questions, searches and moments. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answered, api, ownHeaders } from "@/shared/api/client";
import { ApiError, problemOf } from "@/shared/api/problem";
import type { components } from "@/shared/api/schema.gen";
import type { Direction } from "./view";

type Schemas = components["schemas"];
export type Answer = Schemas["Trace"];
export type Affected = Schemas["AffectedObject"];
export type Relation = Schemas["Relation"];
export type Process = Schemas["Process"];
export type Totals = Schemas["Totals"];
export type PathRead = Schemas["Path"];
export type PathStep = Schemas["Step"];
export type Found = Schemas["Found"];
export type Entry = Schemas["Entry"];
export type QuestionRequest = Schemas["QuestionRequest"];

/** A question with its direction: all that an answer depends on but its page. */
export interface Asked {
  direction: Direction;
  question: Omit<QuestionRequest, "limit" | "after">;
}

export const PAGE = 100;
/** The most objects that a graph draws; the service cuts, and the view says so. */
export const DRAWN = 2_000;

async function trace(asked: Asked, limit: number, after: string | null, signal: AbortSignal): Promise<Answer> {
  const body: QuestionRequest = { ...asked.question, limit, after };
  const path = asked.direction === "forward" ? "/api/v1/impact" : "/api/v1/provenance";
  return await answered(api.POST(path, { body, signal }));
}

/** Pages of the answer. The first fixes what was known, so that all pages and the totals are of one instant. */
export const answerQuery = (asked: Asked) =>
  infiniteQueryOptions({
    queryKey: ["recall", "answer", asked],
    queryFn: ({ pageParam, signal }) => trace(asked, PAGE, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    enabled: asked.question.seeds.length > 0,
    staleTime: 60_000,
  });

/** The first objects by depth with their relations, as many as a graph draws. */
export const drawnQuery = (asked: Asked) =>
  queryOptions({
    queryKey: ["recall", "drawn", asked],
    queryFn: ({ signal }) => trace(asked, DRAWN, null, signal),
    staleTime: 60_000,
  });

interface Near {
  object: string;
  direction: Direction;
  known_at: string | null;
  happened_by: string | null;
  limit: number;
}

/** One step from an object, with its true totals. */
export const neighboursQuery = (near: Near) =>
  queryOptions({
    queryKey: ["recall", "neighbours", near],
    queryFn: ({ signal }): Promise<Answer> => answered(api.GET("/api/v1/neighbours", { params: { query: near }, signal })),
    staleTime: 60_000,
  });

/** How an object is reached from the question's seeds. */
export const pathQuery = (asked: Asked, to: string) =>
  queryOptions({
    queryKey: ["recall", "path", asked, to],
    queryFn: ({ signal }): Promise<PathRead> => answered(api.POST("/api/v1/path", { body: { ...asked, question: { ...asked.question, limit: 1 }, to }, signal })),
    staleTime: 60_000,
  });

export const keptQuery = (id: string) =>
  queryOptions({
    queryKey: ["recall", "kept", id],
    queryFn: ({ signal }) => answered(api.GET("/api/v1/questions/{question_id}", { params: { path: { question_id: id } }, signal })),
    staleTime: Infinity,
  });

/** Keeps a question for a link; its id. */
export async function keep(question: QuestionRequest): Promise<string> {
  return (await answered(api.POST("/api/v1/questions", { body: question }))).id;
}

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ["recall", "search", q],
    queryFn: async ({ signal }): Promise<Found[]> => (await answered(api.GET("/api/v1/search", { params: { query: { q, limit: 50 } }, signal }))).found,
    enabled: q !== "",
    staleTime: 30_000,
  });

/** The newest events of these objects, for the instants at which an answer may have changed. */
export const momentsQuery = (objects: string[]) =>
  queryOptions({
    queryKey: ["recall", "moments", objects],
    queryFn: async ({ signal }): Promise<{ entries: Entry[]; cut: boolean }> => {
      const { events, next } = await answered(api.GET("/api/v1/timeline", { params: { query: { object: objects, limit: 1_000, order: "desc" } }, signal }));
      return { entries: events, cut: next !== null };
    },
    enabled: objects.length > 0,
    staleTime: 60_000,
  });

/** The last inspections, for what a newcomer may begin with. */
export const inspectionsQuery = queryOptions({
  queryKey: ["recall", "inspections"],
  queryFn: async ({ signal }): Promise<{ events: Entry[]; names: Record<string, string> }> =>
    await answered(api.GET("/api/v1/timeline", { params: { query: { activity: ["inspecting"], order: "desc", limit: 500 } }, signal })),
  staleTime: 60_000,
});

export const FORMATS = {
  csv: "text/csv",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
} as const;

/** Every object of the filtered answer as a file. Errors: `ApiError`. */
export async function download(asked: Asked, format: keyof typeof FORMATS): Promise<Blob> {
  const path = asked.direction === "forward" ? "/api/v1/impact" : "/api/v1/provenance";
  const response = await fetch(path, {
    method: "POST",
    headers: { ...ownHeaders("POST"), "content-type": "application/json", accept: FORMATS[format] },
    body: JSON.stringify(asked.question),
  });
  if (!response.ok) throw new ApiError(await problemOf(response));
  return await response.blob();
}
