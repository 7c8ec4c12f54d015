/** What happened side by side: states of objects, processes, and events, a lane for each object, place, resource, operator or activity. */
import { FilterOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert, Button, Segmented } from "antd";
import { useMemo, useState, type MouseEvent, type ReactNode } from "react";
import { csvOf, saveText } from "@/shared/files/download";
import { useLanguage, useT, useWordOf } from "@/shared/i18n/language";
import { countText } from "@/shared/time/format";
import { inZone } from "@/shared/time/wall";
import { shortOf } from "@/shared/ui/keys";
import { NamedKey } from "@/shared/ui/words";
import { lanesQuery, MOST_ON_LANES } from "./api";
import { fileName } from "./files";
import { barsOf, pointsOf, under, unknownOf } from "./lane-model";
import { LaneTip, PointList } from "./lane-tip";
import { Asking, Panel } from "./panel";
import { GridLines, useSurface } from "./surface";
import type { Answer, Lane, Names } from "./types";
import { useView } from "./use-view";
import { LANES, type Asked, type Lanes as Kind } from "./view";

const HEIGHT = 26;

export function Lanes({ asked, now, total }: { asked: Asked; now: number; total: number | null }): ReactNode {
  const t = useT();
  const { search, change } = useView();
  const kind = search.lanes ?? (asked.object === undefined ? "place" : "object");
  const { zone } = useSurface();
  const query = useQuery(lanesQuery(asked, kind));
  return (
    <Panel
      name="lanes" title="timeline.lanes" files={query.data === undefined ? undefined : filesOf(query.data, kind, zone)}
      extra={
        <Segmented
          size="small" aria-label={t("timeline.lanes.by")} value={kind} onChange={(lanes) => { change({ lanes }); }}
          options={LANES.map((one) => ({ value: one, label: t(`timeline.field.${one}`) }))}
        />
      }
    >
      <Asking query={query} rows={5}>{(answer) => <Drawn answer={answer} kind={kind} now={now} total={total} />}</Asking>
    </Panel>
  );
}

function Drawn({ answer, kind, now, total }: { answer: Answer; kind: Kind; now: number; total: number | null }): ReactNode {
  const t = useT();
  const lanes = answer.lanes ?? [];
  if (lanes.length === 0) return <p className="tl-muted tl-hint">{t("timeline.lanes.none")}</p>;
  return (
    <>
      <Cut answer={answer} total={total} />
      <ul className="tl-lanes" aria-label={t("timeline.lanes")}>
        {lanes.map((lane) => <LaneRow key={lane.lane} lane={lane} kind={kind} names={answer.names} now={now} />)}
      </ul>
      {kind === "object" && <States lanes={lanes} />}
    </>
  );
}

/** Says what is not shown: lanes are made of the newest events, and of at most so many lanes and moments. */
function Cut({ answer, total }: { answer: Answer; total: number | null }): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  const some = answer.next !== null;
  if (!some && !answer.capped) return null;
  const said = some ? t("timeline.lanes.cut", { shown: countText(Math.min(answer.events.length, MOST_ON_LANES), language), total: total === null ? "…" : countText(total, language) }) : "";
  return <Alert type="info" showIcon className="tl-cut" title={[said, answer.capped ? t("timeline.lanes.capped") : ""].filter((one) => one !== "").join(" ")} />;
}

interface RowProps {
  lane: Lane;
  kind: Kind;
  names: Names;
  now: number;
}

function LaneRow({ lane, kind, names, now }: RowProps): ReactNode {
  const shared = useSurface();
  const { search, change } = useView();
  const [at, setAt] = useState<number | null>(null);
  const [listed, setListed] = useState<{ x: number; events: Lane["points"] } | null>(null);
  const bars = useMemo(() => barsOf(shared, lane, now), [shared, lane, now]);
  const points = useMemo(() => pointsOf(shared, lane), [shared, lane]);
  const unknown = kind === "object" ? unknownOf(shared, lane, now) : null;
  const xOf = (event: MouseEvent<SVGSVGElement>): number => event.clientX - event.currentTarget.getBoundingClientRect().left;
  const open = (event: MouseEvent<SVGSVGElement>): void => {
    const near = under(bars, points, xOf(event)).points;
    const first = near[0];
    if (first !== undefined && near.length === 1) change({ event: first.event });
    else if (near.length > 1) setListed({ x: xOf(event), events: near });
  };
  return (
    <li className={shared.gutter === 0 ? "tl-lane narrow" : "tl-lane"} data-lane={lane.lane}>
      <div className="tl-gutter" style={shared.gutter === 0 ? undefined : { width: shared.gutter }}><LaneName lane={lane.lane} kind={kind} names={names} /></div>
      <div className="tl-plot">
        <svg
          width={shared.width} height={HEIGHT} aria-hidden onClick={open}
          onPointerMove={(event) => { setAt(xOf(event)); }} onPointerLeave={() => { setAt(null); }}
        >
          <defs>
            <pattern id="tl-hatch" width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1={0} x2={0} y1={0} y2={6} className="tl-hatch-line" /></pattern>
          </defs>
          <GridLines height={HEIGHT} />
          {unknown !== null && <rect x={unknown.x} y={6} width={unknown.width} height={14} className="tl-unknown" fill="url(#tl-hatch)" />}
          {bars.map((one) => (
            <rect
              key={`${one.bar.process ?? one.bar.state ?? ""} ${one.bar.from}`} x={one.x} y={one.bar.state === null ? 8 : 4} width={one.width}
              height={one.bar.state === null ? 10 : 18} rx={one.width > 4 ? 2 : 0}
              className={`tl-bar ${one.bar.state ?? "process"}`} fill={one.bar.state === "unknown" ? "url(#tl-hatch)" : undefined}
            />
          ))}
          {points.map((one) => {
            const chosen = one.items.some((item) => item.event === search.event);
            const many = one.items.length > 1;
            return (
              <g key={one.items[0]?.event} className={chosen ? "tl-point chosen" : "tl-point"}>
                {many
                  ? <rect x={one.x - 8.5} y={5.5} width={17} height={15} rx={7.5} />
                  : <circle cx={one.x} cy={13} r={4.5} />}
                {many && <text x={one.x} y={16.5} textAnchor="middle">{one.items.length > 99 ? "99+" : one.items.length}</text>}
              </g>
            );
          })}
        </svg>
        {at !== null && listed === null && <LaneTip x={at} {...under(bars, points, at)} now={now} />}
        {listed !== null && <PointList x={listed.x} points={listed.events} close={() => { setListed(null); }} />}
      </div>
    </li>
  );
}

function LaneName({ lane, kind, names }: { lane: string; kind: Kind; names: Names }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const { search, add } = useView();
  const name = kind === "activity" ? wordOf("step", lane) : undefined;
  return (
    <span className="tl-lane-name">
      {name ?? <NamedKey code={lane} names={names} fallback={kind === "object" ? <Link to="/object" search={{ id: lane, known_at: search.known_at }}>{endOf(shortOf(lane))}</Link> : endOf(shortOf(lane))} />}
      <Button
        type="text" size="small" icon={<FilterOutlined />} aria-label={`${t("timeline.filter.only")} ${name ?? names[lane] ?? lane}`}
        onClick={() => { add({ field: kind, value: lane, not: false }); }}
      />
    </span>
  );
}

/** Numbers of a series differ at their end. */
function endOf(text: string): string {
  return text.length <= 15 ? text : `…${text.slice(-13)}`;
}

/** What the colours of states mean, of those that are shown. */
function States({ lanes }: { lanes: readonly Lane[] }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const states = [...new Set(lanes.flatMap((lane) => lane.bars.map((bar) => bar.state ?? "")))].filter((state) => state !== "" && state !== "unknown").sort();
  return (
    <ul className="tl-legend" aria-label={t("timeline.states")}>
      {states.map((state) => <li key={state}><svg width={14} height={12} aria-hidden><rect width={14} height={12} rx={2} className={`tl-bar ${state}`} /></svg> {wordOf("status", state)}</li>)}
      <li><svg width={14} height={12} aria-hidden><rect width={14} height={12} className="tl-unknown" fill="url(#tl-hatch)" /></svg> {wordOf("status", "unknown")}</li>
    </ul>
  );
}

function filesOf(answer: Answer, kind: Kind, zone: string): { csv: () => void; json: () => void } {
  const lanes = answer.lanes ?? [];
  const at = (time: string | null): string => (time === null ? "" : inZone(time, zone));
  return {
    csv: () => {
      const rows = lanes.flatMap((lane) => [
        ...lane.bars.map((bar) => [kind, lane.lane, bar.state === null ? "process" : "state", bar.state ?? bar.process, at(bar.from), at(bar.to), ""]),
        ...lane.points.map((point) => [kind, lane.lane, "event", point.activity, at(point.time), at(point.time), point.event]),
      ]);
      saveText(fileName("lanes", "csv"), csvOf(["lanes", "lane", "what", "value", "from", "to", "event"], rows), "text/csv");
    },
    json: () => {
      const told = lanes.map((lane) => ({
        lane: lane.lane,
        bars: lane.bars.map((bar) => ({ ...bar, from: at(bar.from), to: bar.to === null ? null : at(bar.to) })),
        points: lane.points.map((point) => ({ ...point, time: at(point.time) })),
      }));
      saveText(fileName("lanes", "json"), JSON.stringify({ basis: answer.basis, zone, lanes: told, capped: answer.capped }, null, 1), "application/json");
    },
  };
}
