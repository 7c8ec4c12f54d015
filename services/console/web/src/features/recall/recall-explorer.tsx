/** The recall explorer: a question above, what it comes to, and everything affected, as a list and as a graph. */
import { Spin } from "antd";
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { Loading, Needs, Page } from "@/shared/ui/page";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { AsOf } from "./as-of";
import { Basis } from "./basis";
import { Exports } from "./exports";
import { Findings } from "./findings";
import { QuestionBar } from "./question-bar";
import { Results } from "./results";
import { Start } from "./start";
import { useAnswer, useAsked, useSeeds, useView } from "./state";
import { TotalsBand } from "./totals";
import type { Seed, View } from "./view";
import "./recall.css";

export function RecallExplorer(): ReactNode {
  const t = useT();
  return (
    <Page title={t("nav.recall")} subtitle={t("recall.subtitle")}>
      <Needs right="trace"><Explorer /></Needs>
    </Page>
  );
}

function Explorer(): ReactNode {
  const view = useView();
  const { seeds, pending, error } = useSeeds(view);
  if (pending) return <Loading />;
  if (error !== null) return <ProblemAlert error={error} />;
  return (
    <div className="recall">
      <QuestionBar view={view} seeds={seeds} />
      {seeds.length === 0 ? <Start /> : <Answered view={view} seeds={seeds} />}
    </div>
  );
}

function Answered({ view, seeds }: { view: View; seeds: readonly Seed[] }): ReactNode {
  const t = useT();
  const asked = useAsked(view, seeds);
  const pages = useAnswer(asked);
  const first = pages.data?.pages[0];
  if (pages.isError && first === undefined) return <ProblemAlert error={pages.error} retry={() => { void pages.refetch(); }} />;
  if (first === undefined) return <Loading />;
  return (
    <Spin spinning={pages.isPlaceholderData} delay={300} description={t("state.loading")}>
      <div className="recall" aria-busy={pages.isPlaceholderData}>
        {pages.isError && <ProblemAlert error={pages.error} retry={() => { void pages.refetch(); }} />}
        <AsOf view={view} asked={asked} />
        <Findings answer={first} seeds={seeds} />
        {first.totals.objects > 0 && (
          <>
            <TotalsBand view={view} answer={first} />
            <Basis view={view} answer={first} acts={<Exports view={view} asked={asked} answer={first} seeds={seeds} />} />
            <Results view={view} asked={asked} pages={pages.data?.pages ?? []} more={pages} />
          </>
        )}
      </div>
    </Spin>
  );
}
