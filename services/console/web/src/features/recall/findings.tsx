/** What was found of each seed, where it is not simply found: unknown, unused, incomplete and ambiguous differ. */
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { searchQuery, type Answer } from "./api";
import { Option } from "./seed-search";
import { useAsk, useChange } from "./state";
import type { Seed } from "./view";

export function Findings({ answer, seeds }: { answer: Answer; seeds: readonly Seed[] }): ReactNode {
  const t = useT();
  const change = useChange();
  return answer.seeds.map((seed, number) => {
    const key = `${number} ${seed.given}`;
    if (seed.finding === "ambiguous") return <Ambiguous key={key} given={seed.given} objects={seed.objects} number={number} seeds={seeds} />;
    if (seed.finding === "unknown") return <Alert key={key} showIcon type="warning" title={t("recall.unknown", { seed: seed.given })} description={t("recall.unknown.fix")} />;
    if (seed.finding === "unused") return <Alert key={key} showIcon type="info" title={t("recall.unused", { seed: seed.given })} description={t("recall.unused.fix")} />;
    if (seed.finding === "incomplete") {
      const look = <Button size="small" onClick={() => { change({ tab: "stops" }); }}>{t("recall.incomplete.show")}</Button>;
      return <Alert key={key} showIcon type="warning" title={t("recall.incomplete", { seed: seed.given })} description={t("recall.incomplete.fix")} action={look} />;
    }
    return null;
  });
}

/** Every match of a short number, to choose from: none is picked for the reader. */
function Ambiguous({ given, objects, number, seeds }: { given: string; objects: readonly string[]; number: number; seeds: readonly Seed[] }): ReactNode {
  const t = useT();
  const ask = useAsk();
  const found = useQuery(searchQuery(given));
  const of = (key: string) => found.data?.find((one) => one.id === key) ?? { id: key, kind: "", name: null };
  const take = (keys: readonly string[]): void => {
    void ask(seeds.flatMap((seed, other) => (other === number ? keys.map((key) => ({ ...seed, key })) : [seed])));
  };
  return (
    <Alert
      showIcon
      type="warning"
      title={t("recall.ambiguous", { seed: given, count: objects.length })}
      description={
        <>
          <p className="tight">{t("recall.ambiguous.fix")}</p>
          <ul className="recall-choices">
            {objects.map((key) => (
              <li key={key}>
                <Button onClick={() => { take([key]); }}><Option found={of(key)} /></Button>
                <span className="code">{key}</span>
              </li>
            ))}
          </ul>
          <Button size="small" onClick={() => { take(objects); }}>{t("recall.ambiguous.all", { count: objects.length })}</Button>
        </>
      }
    />
  );
}
