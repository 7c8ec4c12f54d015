/** The view in the address, and changing it: each act of a person is a step that Back undoes. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { searchOf, withFilter, filtersOf, type Filter, type TimelineSearch } from "./view";

export type Change = (patch: Partial<TimelineSearch>, how?: { replace?: boolean }) => void;

export interface View {
  search: TimelineSearch;
  change: Change;
  /** Adds a filter, as a click on a cell does. */
  add: (filter: Filter) => void;
}

export function useView(): View {
  const search = useSearch({ from: "/_in/timeline" });
  const navigate = useNavigate({ from: "/timeline" });
  const change = useCallback<Change>(
    (patch, how) => void navigate({ search: (before) => ({ ...before, ...patch }), replace: how?.replace ?? false, resetScroll: false }),
    [navigate],
  );
  const add = useCallback((filter: Filter) => {
    void navigate({ search: (before) => ({ ...before, ...searchOf(withFilter(filtersOf(before), filter)) }), resetScroll: false });
  }, [navigate]);
  return { search, change, add };
}
