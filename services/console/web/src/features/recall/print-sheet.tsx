/** The answer on paper: question, what it rests on, totals, who got what, and the list, as much as a page of the API holds. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { useSession } from "@/shared/api/session";
import { useLanguage, useT, useWordOf } from "@/shared/i18n/language";
import { countText, timeText } from "@/shared/time/format";
import { useZone } from "@/shared/time/zone";
import { shortOf } from "@/shared/ui/keys";
import { useUnit } from "@/shared/ui/words";
import { drawnQuery, type Answer, type Asked } from "./api";
import { nameOf } from "./labels";
import { seedText } from "./question-bar";
import { useSaying } from "./saying";
import type { Seed, View } from "./view";

interface Props {
  view: View;
  asked: Asked;
  seeds: readonly Seed[];
  onDone: () => void;
}

export function PrintSheet({ view, asked, seeds, onDone }: Props): ReactNode {
  const answer = useQuery(drawnQuery(asked)).data;
  useEffect(() => {
    if (answer === undefined) return;
    // once it stands on the page
    const timer = setTimeout(() => {
      globalThis.print();
      onDone();
    }, 100);
    return () => { clearTimeout(timer); };
  }, [answer, onDone]);
  if (answer === undefined) return null;
  return createPortal(<Sheet view={view} asked={asked} seeds={seeds} answer={answer} />, document.body);
}

function Sheet({ view, asked, seeds, answer }: Omit<Props, "onDone"> & { answer: Answer }): ReactNode {
  const t = useT();
  const zone = useZone();
  const { language } = useLanguage();
  const { me } = useSession();
  const who = me?.shown ?? me?.name ?? "";
  const saying = useSaying(view, asked, answer);
  const totals = answer.filtered ?? answer.totals;
  const count = (of: number): string => countText(of, language);
  return (
    <div className="recall-print">
      <h1>{t("app.name")} · {t("nav.recall")}</h1>
      <p>{saying.question}</p>
      <ul>{seeds.map((seed) => <li key={seedText(seed, t)}>{seedText(seed, t)} <code>{seed.key}</code></li>)}</ul>
      {saying.basis.map((line) => <p key={line}>{line}</p>)}
      <p>{t("recall.printed", { at: timeText(new Date().toISOString(), zone), who })}</p>
      <p>
        {t("recall.totals.objects")}: {count(totals.objects)}{answer.filtered != null && ` (${t("recall.part", { part: count(totals.objects), all: count(answer.totals.objects) })})`}
        {" · "}{t("certainty.certain")}: {count(totals.certain)} · {t("certainty.possible")}: {count(totals.possible)}
      </p>
      <Got answer={answer} />
      <h2>{t("recall.tab.objects")}</h2>
      {answer.objects.length < totals.objects && <p>{t("recall.list.first", { shown: count(answer.objects.length), all: count(totals.objects) })}</p>}
      <Listed answer={answer} />
    </div>
  );
}

function Got({ answer }: { answer: Answer }): ReactNode {
  const t = useT();
  const unitOf = useUnit();
  const named = (key: string): string => nameOf(key, answer.names) ?? shortOf(key);
  if (answer.consignees.length === 0) return null;
  return (
    <>
      <h2>{t("recall.tab.consignees")}</h2>
      <table>
        <thead><tr><th>{t("recall.consignee")}</th><th>{t("recall.objects")}</th><th>{t("recall.got")}</th></tr></thead>
        <tbody>
          {answer.consignees.map((one) => (
            <tr key={one.party}>
              <td>{named(one.party)}<br /><code>{one.party}</code></td>
              <td>{one.objects}</td>
              <td>{one.quantities.map((got) => `${named(got.product)} ${got.quantity} ${unitOf(got.unit)}`).join("; ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Listed({ answer }: { answer: Answer }): ReactNode {
  const t = useT();
  const zone = useZone();
  const wordOf = useWordOf();
  const named = (key: string | null): string => (key === null ? t("place.unknown") : (nameOf(key, answer.names) ?? shortOf(key)));
  return (
    <table>
      <thead>
        <tr><th>{t("recall.object")}</th><th>{t("recall.certainty")}</th><th>{t("recall.depth")}</th><th>{t("recall.state")}</th><th>{t("recall.place")}</th><th>{t("recall.consignees")}</th><th>{t("recall.since")}</th></tr>
      </thead>
      <tbody>
        {answer.objects.map((one) => (
          <tr key={one.object}>
            <td>{shortOf(one.object)} {nameOf(one.object, answer.names)}<br /><code>{one.object}</code></td>
            <td>{wordOf("certainty", one.certainty)}</td>
            <td>{one.depth}</td>
            <td>{wordOf("status", one.state)}</td>
            <td>{named(one.place)}</td>
            <td>{one.consignees.map(named).join(", ")}</td>
            <td>{one.since === null ? "" : timeText(one.since, zone)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
