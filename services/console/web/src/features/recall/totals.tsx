/** Totals of the whole answer, each a filter: by certainty, state, place, product, consignee. */
import { FilterOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { useLanguage, useT, useWordOf } from "@/shared/i18n/language";
import { countText } from "@/shared/time/format";
import { shortOf } from "@/shared/ui/keys";
import { CodeButton, StateIcon } from "@/shared/ui/words";
import type { Answer, Totals } from "./api";
import { useChange } from "./state";
import { chosen, isFiltered, NO_FILTER, toggled, type View } from "./view";

const BY = { state: "by_state", place: "by_place", product: "by_product", consignee: "by_consignee" } as const;
const CARDS = ["state", "place", "product", "consignee"] as const;
const FIRST = 5;

export function TotalsBand({ view, answer }: { view: View; answer: Answer }): ReactNode {
  const t = useT();
  const change = useChange();
  const { totals, filtered } = answer;
  const backward = answer.question.direction === "backward";
  return (
    <section className="recall-totals" aria-label={t("recall.totals")}>
      <div className="recall-heads">
        <Head label={t(backward ? "recall.totals.origins" : "recall.totals.objects")} whole={totals.objects} part={filtered?.objects} pressed={!isFiltered(view)} onClick={() => { change(NO_FILTER); }} />
        {(["certain", "possible"] as const).map((certainty) => (
          <Head
            key={certainty}
            label={t(`certainty.${certainty}`)}
            hint={t(`recall.certainty.${certainty}`)}
            whole={totals[certainty]}
            part={filtered?.[certainty]}
            pressed={chosen(view, "certainty").includes(certainty)}
            onClick={() => { change(toggled(view, "certainty", certainty)); }}
          />
        ))}
        {isFiltered(view) && <Button icon={<FilterOutlined />} onClick={() => { change(NO_FILTER); }}>{t("recall.filter.clear")}</Button>}
      </div>
      <div className="recall-cards">
        {CARDS.map((facet) => <Card key={facet} facet={facet} view={view} answer={answer} />)}
      </div>
    </section>
  );
}

interface HeadProps {
  label: string;
  hint?: string;
  whole: number;
  part: number | undefined;
  pressed: boolean;
  onClick: () => void;
}

function Head({ label, hint, whole, part, pressed, onClick }: HeadProps): ReactNode {
  return (
    <button type="button" className="recall-head" aria-pressed={pressed} onClick={onClick} title={hint}>
      <span className="recall-head-count"><Part whole={whole} part={part} /></span>
      <span>{label}</span>
    </button>
  );
}

/** "3 of 16" where a filter is on, "16" where none is. */
function Part({ whole, part }: { whole: number; part: number | undefined }): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  const all = countText(whole, language);
  return part === undefined ? all : t("recall.part", { part: countText(part, language), all });
}

function Card({ facet, view, answer }: { facet: (typeof CARDS)[number]; view: View; answer: Answer }): ReactNode {
  const t = useT();
  const [all, setAll] = useState(false);
  const rows = rowsOf(answer.totals, facet);
  const title = t(`recall.by.${facet}`);
  if (rows.length === 0) return <section className="recall-card"><h2>{title}</h2><p className="recall-muted">{t("recall.by.none")}</p></section>;
  const shown = all ? rows : rows.filter(([value], number) => number < FIRST || chosen(view, facet).includes(value));
  return (
    <section className="recall-card">
      <h2>{title}</h2>
      <ul>
        {shown.map(([value, whole]) => (
          <Row key={value} facet={facet} value={value} whole={whole} view={view} answer={answer} most={rows[0]?.[1] ?? 1} />
        ))}
      </ul>
      {rows.length > FIRST && <Button size="small" type="link" onClick={() => { setAll(!all); }}>{all ? t("recall.fewer") : t("recall.all", { count: rows.length })}</Button>}
    </section>
  );
}

interface RowProps {
  facet: (typeof CARDS)[number];
  value: string;
  whole: number;
  most: number;
  view: View;
  answer: Answer;
}

function Row({ facet, value, whole, most, view, answer }: RowProps): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const change = useChange();
  const filtered = answer.filtered ?? undefined;
  const part = filtered === undefined ? undefined : (countsOf(filtered, facet)[value] ?? 0);
  const name = facet === "state" ? wordOf("status", value) : value === "" ? t("place.unknown") : (answer.names[value] ?? shortOf(value));
  return (
    <li>
      <button
        type="button"
        className="recall-row"
        aria-pressed={chosen(view, facet).includes(value)}
        onClick={() => { change(toggled(view, facet, value)); }}
      >
        <span className="recall-row-bar" style={{ width: `${Math.max(2, (100 * whole) / most)}%` }} />
        <span className="recall-row-name">{facet === "state" && <StateIcon state={value} />} {name}</span>
        <span className="recall-row-count"><Part whole={whole} part={part} /></span>
      </button>
      {facet !== "state" && value !== "" && <CodeButton code={value} name={name} />}
    </li>
  );
}

function countsOf(totals: Totals, facet: (typeof CARDS)[number]): Record<string, number> {
  return totals[BY[facet]];
}

/** The greatest first, then by key, so that the same answer looks the same. */
function rowsOf(totals: Totals, facet: (typeof CARDS)[number]): [string, number][] {
  return Object.entries(countsOf(totals, facet)).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

