/** The view in the address, and ways to change it. Only what a person does adds to the history. */
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { answerQuery, keep, keptQuery, type Answer, type Asked } from "./api";
import { addressOf, directionOf, filterOf, NEW_QUESTION, requestOf, SEEDS_IN_ADDRESS, seedOf, seedsOf, type Seed, type View } from "./view";

const route = getRouteApi("/_in/recall");

export function useView(): View {
  return route.useSearch();
}

export type Change = (patch: Partial<View>, how?: "push" | "replace") => void;

export function useChange(): Change {
  const navigate = route.useNavigate();
  return useCallback(
    (patch, how = "push") => {
      void navigate({ search: (before) => ({ ...before, ...patch }), replace: how === "replace", resetScroll: false });
    },
    [navigate],
  );
}

/** Asks about other seeds; a link to more than an address holds goes by a kept question. */
export function useAsk(): (seeds: readonly Seed[], patch?: Partial<View>) => Promise<void> {
  const change = useChange();
  return useCallback(
    async (seeds, patch = {}) => {
      const address = addressOf(seeds);
      const long = seeds.length > SEEDS_IN_ADDRESS;
      const where = long ? { ...addressOf([]), question: await keep({ seeds: seeds.map(requestOf), limit: 100 }) } : address;
      change({ ...NEW_QUESTION, ...where, ...patch });
    },
    [change],
  );
}

/** The seeds of the view: those in the address, or those of the question kept under its id. */
export function useSeeds(view: View): { seeds: Seed[]; pending: boolean; error: Error | null } {
  const kept = useQuery({ ...keptQuery(view.question ?? ""), enabled: view.question !== undefined });
  const seeds = useMemo(
    () => (view.question === undefined ? seedsOf(view) : (kept.data?.question.seeds ?? []).flatMap(seedOf)),
    [view, kept.data],
  );
  return { seeds, pending: view.question !== undefined && kept.isPending, error: kept.error };
}

/** The question that the view asks; the same object while it asks the same. */
export function useAsked(view: View, seeds: readonly Seed[]): Asked {
  const text = JSON.stringify(askedOf(view, seeds));
  return useMemo(() => JSON.parse(text) as Asked, [text]);
}

function askedOf(view: View, seeds: readonly Seed[]): Asked {
  const { known_at, happened_by } = view;
  return { direction: directionOf(view), question: { seeds: seeds.map(requestOf), known_at, happened_by, filter: filterOf(view) } };
}

/** The same question without filter: what totals and the graph are of. */
export function unfiltered(asked: Asked): Asked {
  return { ...asked, question: { ...asked.question, filter: null } };
}

/** Pages of the answer, the one before staying until the next has come. */
export function useAnswer(asked: Asked) {
  return useInfiniteQuery({ ...answerQuery(asked), placeholderData: keepPreviousData });
}

/** Objects that were asked for, as the answer found them. */
export function rootsOf(answer: Answer): string[] {
  return [...new Set(answer.seeds.filter((seed) => seed.finding !== "ambiguous").flatMap((seed) => seed.objects))];
}
