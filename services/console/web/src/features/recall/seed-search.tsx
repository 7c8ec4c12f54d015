/** A box that finds what to begin with: any spelling, scan, number or name. Enter takes what was typed as it is. */
import { useQuery } from "@tanstack/react-query";
import { AutoComplete, Input } from "antd";
import { useDeferredValue, useEffect, useState, type ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { shortOf } from "@/shared/ui/keys";
import { searchQuery, type Found } from "./api";
import type { Seed } from "./view";

const OBJECTS = new Set(["item", "lot", "logistic_unit", "asset", "other"]);
const WAIT_MS = 200;

/** The text, once it has not changed for a while. */
export function useSettled(text: string): string {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => { settle(text); }, WAIT_MS);
    return () => { clearTimeout(timer); };
  }, [text]);
  return useDeferredValue(settled);
}

export function SeedSearch({ onSeed }: { onSeed: (seed: Seed) => void }): ReactNode {
  const t = useT();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(false);
  const wanted = useSettled(text.trim());
  const found = useQuery({ ...searchQuery(wanted), placeholderData: (before) => (wanted === "" ? undefined : before) });
  const offered = (found.data ?? []).filter((one) => OBJECTS.has(one.kind) || one.kind === "product");
  const take = (seed: Seed): void => {
    setText("");
    onSeed(seed);
  };
  return (
    <AutoComplete
      className="recall-search"
      value={text}
      onChange={(value) => { setText(value); setChosen(false); }}
      onSelect={(key: string) => {
        const one = offered.find((other) => other.id === key);
        setChosen(true);
        take({ kind: one?.kind === "product" ? "product" : "object", key });
      }}
      options={wanted === "" ? [] : offered.map((one) => ({ value: one.id, label: <Option found={one} /> }))}
      defaultActiveFirstOption={false}
      notFoundContent={wanted !== "" && found.isSuccess ? t("recall.search.none", { text: wanted }) : null}
    >
      <Input.Search
        aria-label={t("recall.search")}
        placeholder={t("recall.search.placeholder")}
        enterButton={t("recall.search.ask")}
        maxLength={2048}
        onSearch={(typed, _, info) => {
          const key = typed.trim();
          if (info?.source === "input" && key !== "" && !chosen) take({ kind: "object", key });
          setChosen(false);
        }}
      />
    </AutoComplete>
  );
}

/** What was found, with its name and kind, so that one of several of the same number can be told from the others. */
export function Option({ found }: { found: Pick<Found, "id" | "kind" | "name"> }): ReactNode {
  const wordOf = useWordOf();
  return (
    <span className="recall-option">
      <strong>{shortOf(found.id)}</strong>
      {found.name !== null && <span>{found.name}</span>}
      <small>{wordOf("kind", found.kind)}</small>
    </span>
  );
}
