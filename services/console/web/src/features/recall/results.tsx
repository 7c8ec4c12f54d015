/** Everything that was reached: the list and the graph in step, who got what, what carries it, what stopped the walk. */
import { Alert, Grid } from "antd";
import type { ReactNode } from "react";
import { useLanguage, useT } from "@/shared/i18n/language";
import { countText } from "@/shared/time/format";
import { DRAWN, type Answer, type Asked } from "./api";
import { Detail } from "./detail";
import { Genealogy } from "./genealogy-view";
import { Carriers, Consignees, Stops } from "./lists";
import { ObjectTable, type Pages } from "./object-table";
import { Suspects } from "./suspects";
import { useChange } from "./state";
import { TABS, type Tab, type View } from "./view";

interface Props {
  view: View;
  asked: Asked;
  pages: readonly Answer[];
  more: Pages;
}

export function Results({ view, asked, pages, more }: Props): ReactNode {
  const t = useT();
  const change = useChange();
  const { language } = useLanguage();
  const narrow = Grid.useBreakpoint().md === false;
  const first = pages[0];
  if (first === undefined) return null;
  const tab = view.tab ?? "objects";
  const counts: Partial<Record<Tab, number>> = {
    objects: (first.filtered ?? first.totals).objects, consignees: first.consignees_total, carriers: first.carriers_total, stops: first.stopped_at_total,
  };
  const close = (): void => { change({ selected: undefined }, "replace"); };
  // on a phone the graph is the path of what is selected: the details would tell it twice
  const detail = view.selected === undefined || (narrow && tab === "graph") ? null : <Detail key={view.selected} view={view} asked={asked} pages={pages} selected={view.selected} onClose={close} />;
  const table = <ObjectTable view={view} pages={pages} more={more} />;
  return (
    <div className={detail !== null ? "recall-results recall-results-wide" : "recall-results"}>
      <div className="recall-main">
        <div className="recall-tabs" role="tablist" aria-label={t("recall.tabs")}>
          {TABS.map((key) => {
            const count = counts[key];
            const label = t(`recall.tab.${key}`);
            return (
              <button key={key} type="button" role="tab" aria-selected={key === tab} onClick={() => { change({ tab: key }, "replace"); }}>
                {count === undefined ? label : `${label} ${countText(count, language)}`}
              </button>
            );
          })}
        </div>
        {tab === "graph" && first.totals.objects > DRAWN && (
          <Alert type="info" showIcon title={t("recall.capped", { drawn: countText(DRAWN, language), all: countText(first.totals.objects, language) })} />
        )}
        {tab === "graph" && <Genealogy view={view} asked={asked} answer={first} />}
        {(tab === "objects" || tab === "graph") && <>{asked.direction === "backward" && <Suspects view={view} />}{table}</>}
        {tab === "consignees" && <Consignees view={view} answer={first} />}
        {tab === "carriers" && <Carriers answer={first} />}
        {tab === "stops" && <Stops answer={first} />}
      </div>
      {detail !== null && <aside className="recall-detail" aria-label={t("recall.detail")}>{detail}</aside>}
    </div>
  );
}
