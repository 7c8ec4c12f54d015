/** What was known when, and what had happened by when: two sliders over the instants at which something changed. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Popover, Slider, Tag } from "antd";
import { useMemo, useState, type ReactNode } from "react";
import { useLanguage, useT } from "@/shared/i18n/language";
import { InstantField } from "@/shared/time/instant-field";
import { countText, timeText } from "@/shared/time/format";
import { useZone } from "@/shared/time/zone";
import { answerQuery, momentsQuery, type Asked, type Entry } from "./api";
import { happenedMoments, recordedMoments, stopAt, type Moment } from "./moments";
import { rootsOf, useChange } from "./state";
import type { View } from "./view";

/** Objects whose events give the stops of the sliders. */
const WATCHED = 30;
const NONE: readonly Entry[] = [];

/** What the stops are of, where that is not everything. */
interface Watched {
  objects: number;
  events: number;
}

export function AsOf({ view, asked }: { view: View; asked: Asked }): ReactNode {
  const t = useT();
  const change = useChange();
  const { language } = useLanguage();
  const { entries, of } = useEntries(asked);
  const known = useMemo(() => recordedMoments(entries), [entries]);
  const happened = useMemo(() => happenedMoments(entries), [entries]);
  return (
    <section className="recall-asof" aria-label={t("recall.asof")}>
      <Instant
        label={t("recall.known")}
        last={t("recall.known.now")}
        hint={t("recall.known.hint")}
        moments={known}
        value={view.known_at}
        onChange={(known_at) => { change({ known_at }); }}
      />
      <Instant
        label={t("recall.happened")}
        last={t("recall.happened.any")}
        hint={t("recall.happened.hint")}
        moments={happened}
        value={view.happened_by}
        onChange={(happened_by) => { change({ happened_by }); }}
      />
      {of !== null && <small className="recall-muted recall-asof-of">{t("recall.moments.cut", { objects: countText(of.objects, language), events: countText(of.events, language) })}</small>}
    </section>
  );
}

/** Events of what is asked about and of what it reaches now, whatever instant is looked at: the stops stay where they are. */
function useEntries(asked: Asked): { entries: readonly Entry[]; of: Watched | null } {
  const now = useMemo<Asked>(() => ({ direction: asked.direction, question: { seeds: asked.question.seeds, filter: null } }), [asked]);
  const first = useInfiniteQuery(answerQuery(now)).data?.pages[0];
  const reached = first === undefined ? [] : [...new Set([...rootsOf(first), ...first.objects.map((one) => one.object)])];
  const objects = reached.slice(0, WATCHED);
  const found = useQuery(momentsQuery(objects)).data;
  const all = first !== undefined && first.next === null && reached.length === objects.length;
  return {
    entries: found?.entries ?? NONE,
    of: found === undefined || (all && !found.cut) ? null : { objects: objects.length, events: found.entries.length },
  };
}

interface Props {
  label: string;
  /** What the last stop is called: now, or any time. */
  last: string;
  hint: string;
  moments: readonly Moment[];
  value: string | undefined;
  onChange: (at: string | undefined) => void;
}

function Instant({ label, last, hint, moments, value, onChange }: Props): ReactNode {
  const t = useT();
  const zone = useZone();
  const { language } = useLanguage();
  const stop = stopAt(moments, value);
  const [dragged, drag] = useState<number | null>(null);
  const shown = dragged === null ? value : moments[dragged]?.at;
  const textOf = (at: string | undefined): string => (at === undefined ? last : timeText(at, zone));
  const corrections = moments.filter((moment) => moment.correction).length;
  const marks = Object.fromEntries(moments.flatMap((moment, number) => (moment.correction ? [[number, { label: "▲", style: { color: "var(--accent)" } }]] : [])));
  return (
    <div className="recall-instant">
      <div className="recall-instant-head">
        <strong>{label}</strong>
        <Tag color={shown === undefined ? "default" : "gold"}>{textOf(shown)}</Tag>
        <Popover
          trigger="click"
          content={<div className="recall-exact"><p>{hint}</p><InstantField label={label} value={value ?? null} onChange={(at) => { onChange(at ?? undefined); }} /></div>}
        >
          <Button size="small" type="link">{t("recall.exact")}</Button>
        </Popover>
        {value !== undefined && <Button size="small" type="link" onClick={() => { onChange(undefined); }}>{last}</Button>}
      </div>
      <Slider
        min={0}
        max={Math.max(moments.length, 1)}
        disabled={moments.length === 0}
        value={dragged ?? (moments.length === 0 ? 1 : stop)}
        marks={marks}
        included={false}
        onChange={drag}
        onChangeComplete={(number) => {
          drag(null);
          onChange(moments[number]?.at);
        }}
        tooltip={{ formatter: (number) => textOf(moments[number ?? moments.length]?.at) }}
        ariaLabelForHandle={label}
        ariaValueTextFormatterForHandle={(number) => textOf(moments[number]?.at)}
      />
      <small className="recall-muted">
        {t("recall.moments", { count: countText(moments.length, language) })}
        {corrections > 0 && ` ▲ ${t("recall.corrections", { count: countText(corrections, language) })}`}
      </small>
    </div>
  );
}
