/** Marks above the panels, as lines and regions through all of them; those that stand on each other are counted and listed. */
import { useQuery } from "@tanstack/react-query";
import { Button, Popover } from "antd";
import { useMemo, type ReactNode } from "react";
import { useLanguage, useT, useWordOf } from "@/shared/i18n/language";
import { countText, timeText } from "@/shared/time/format";
import { useZone } from "@/shared/time/zone";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { marksQuery } from "./api";
import { clustered, spanOf, xOf, type Cluster } from "./axis";
import { useLength } from "./lane-tip";
import { gapOf, hiddenAfter, MARKS, marksOf, placeOf, type Mark } from "./marks";
import { useSurface } from "./surface";
import { useView } from "./use-view";
import type { Asked } from "./view";

const APART = 20;

function useMarks(asked: Asked) {
  const { range } = useSurface();
  const { search } = useView();
  const query = useQuery(marksQuery(asked, gapOf(range)));
  const marks = useMemo(() => marksOf(query.data?.marks ?? [], search.hide), [query.data, search.hide]);
  return { query, marks };
}

/** A button a kind with its exact count; above what the lines go through. */
export function MarkKinds({ asked }: { asked: Asked }): ReactNode {
  const { query } = useMarks(asked);
  if (query.isError) return <ProblemAlert error={query.error} retry={() => { void query.refetch(); }} />;
  return <Kinds counts={query.data?.counts ?? {}} capped={query.data?.capped ?? false} />;
}

/** The strip of signs. */
export function MarkStrip({ asked, now }: { asked: Asked; now: number }): ReactNode {
  const t = useT();
  const shared = useSurface();
  const { marks } = useMarks(asked);
  const groups = useMemo(() => clustered(shared, marks, (mark) => placeOf(mark, shared.range), APART), [marks, shared]);
  return (
    <section className="tl-marks" aria-label={t("timeline.marks")} data-panel="marks">
      <div className="tl-row">
        <div className="tl-gutter" style={{ width: shared.gutter }} />
        <div className="tl-strip" style={{ width: shared.width }}>
          {groups.map((group) => <Sign key={group.items.map((one) => `${one.kind.kind}${one.told.event ?? one.told.source}`).join()} group={group} now={now} />)}
        </div>
      </div>
    </section>
  );
}

function Kinds({ counts, capped }: { counts: Partial<Record<string, number>>; capped: boolean }): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  const { search, change } = useView();
  return (
    <ul className="tl-legend" aria-label={t("timeline.marks")}>
      {MARKS.map((one) => (
        <li key={one.kind}>
          <button
            type="button" aria-pressed={search.hide?.includes(one.kind) !== true} data-kind={one.kind}
            onClick={() => { change({ hide: hiddenAfter(search.hide, one.kind) }); }}
          >
            <span className={`tl-sign ${one.kind}`} aria-hidden>{one.sign}</span> {t(one.label)} <span className="tl-muted">{countText(counts[one.kind] ?? 0, language)}</span>
          </button>
        </li>
      ))}
      {capped && <li className="tl-muted">{t("timeline.marks.capped")}</li>}
    </ul>
  );
}

function Sign({ group, now }: { group: Cluster<Mark>; now: number }): ReactNode {
  const t = useT();
  const first = group.items[0];
  if (first === undefined) return null;
  const many = group.items.length > 1;
  const same = group.items.every((one) => one.kind === first.kind);
  const label = many ? t("timeline.here", { count: group.items.length }) : t(first.kind.label);
  return (
    <Popover trigger="click" title={label} content={<MarkList marks={group.items} now={now} />}>
      <button type="button" className={`tl-sign at ${same ? first.kind.kind : "mixed"}`} style={{ left: group.x }} aria-label={label}>
        {many ? group.items.length : first.kind.sign}
      </button>
    </Popover>
  );
}

function MarkList({ marks, now }: { marks: readonly Mark[]; now: number }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const lengthOf = useLength();
  const zone = useZone();
  const { change } = useView();
  return (
    <ul className="tl-list">
      {marks.map((one) => {
        const at = timeText(one.told.from, zone);
        const event = one.told.event;
        const told = one.kind.region
          ? `${at} – ${one.told.to === null ? t("timeline.lasts") : timeText(one.told.to, zone)} · ${lengthOf((one.until ?? Math.max(now, one.at)) - one.at)} · ${one.told.source}`
          : at;
        return (
          <li key={`${one.kind.kind} ${one.told.from} ${event ?? one.told.source} ${one.told.recorded ?? ""}`}>
            <span className={`tl-sign ${one.kind.kind}`} aria-hidden>{one.kind.sign}</span> {t(one.kind.label)}{" "}
            {event === null ? told : <Button type="link" size="small" onClick={() => { change({ event }); }}>{told}</Button>}
            {one.told.reason !== null && <span className="tl-muted"> {wordOf("reason", one.told.reason)}</span>}
          </li>
        );
      })}
    </ul>
  );
}

/** Lines and regions through every panel, lanes too. */
export function MarkLines({ asked, now }: { asked: Asked; now: number }): ReactNode {
  const shared = useSurface();
  const { marks } = useMarks(asked);
  const later = spanOf(shared, Math.max(now, shared.range.from), shared.range.to);
  return (
    <svg className="tl-lines" style={{ left: shared.gutter, width: shared.width }} aria-hidden>
      {later !== null && now < shared.range.to && <rect className="tl-later" x={later.x} width={later.width} y={0} height="100%" />}
      {marks.map((one) => {
        const key = `${one.kind.kind} ${one.told.from} ${one.told.event ?? one.told.source} ${one.told.recorded ?? ""}`;
        if (one.kind.region) {
          const span = spanOf(shared, one.at, one.until ?? Math.min(now, shared.range.to));
          return span === null ? null : <rect key={key} className={`tl-region ${one.kind.kind}`} x={span.x} width={span.width} y={0} height="100%" />;
        }
        const x = xOf(shared, one.at);
        return x < 0 || x > shared.width ? null : <line key={key} className={`tl-line ${one.kind.kind}`} x1={x} x2={x} y1={0} y2="100%" />;
      })}
    </svg>
  );
}
