/** How much happened when: all that matches, counted by the service, by event type. */
import { useQuery } from "@tanstack/react-query";
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { useCallback, useMemo, type MouseEvent, type ReactNode } from "react";
import { Chart } from "@/shared/charts/chart";
import { csvOf, saveText } from "@/shared/files/download";
import { useLanguage, useT, useWordOf } from "@/shared/i18n/language";
import { countText, timeText } from "@/shared/time/format";
import { bucketOf } from "@/shared/time/ticks";
import { useShade } from "@/shared/ui/theme";
import { densityQuery } from "./api";
import { stacked, toggled, totalsOf, type Column } from "./columns";
import { fileName } from "./files";
import { Asking, Panel } from "./panel";
import { useSurface } from "./surface";
import { labelRoom, valueLabel } from "./value-axis";
import type { Answer } from "./types";
import { useView } from "./use-view";
import { TYPES, type Asked } from "./view";

const HEIGHT = 132;
const TOP = 8;
const COLOURS: Record<string, [light: string, dark: string]> = {
  ObjectEvent: ["#2f7fb5", "#58a6dd"],
  TransformationEvent: ["#b0650f", "#e39a45"],
  AggregationEvent: ["#3f8f5f", "#63c48c"],
  AssociationEvent: ["#8a5aa8", "#bd8fdc"],
  TransactionEvent: ["#66717c", "#9aa7b3"],
};

export function useDensity(asked: Asked, zone: string) {
  const { range, width } = useSurface();
  return useQuery(densityQuery(asked, bucketOf(range, width), zone));
}

export function Density({ asked, zone }: { asked: Asked; zone: string }): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  const query = useDensity(asked, zone);
  const total = query.data === undefined ? null : totalsOf(query.data.buckets ?? []).events;
  const files = query.data === undefined ? undefined : filesOf(query.data, zone);
  return (
    <Panel
      name="density" title="timeline.density" files={files}
      extra={total !== null && <span data-testid="total" data-total={total}>{t("timeline.events.count", { count: countText(total, language) })}</span>}
    >
      <Asking query={query}>{(answer) => <Drawn answer={answer} zone={zone} />}</Asking>
    </Panel>
  );
}

function Drawn({ answer, zone }: { answer: Answer; zone: string }): ReactNode {
  const { search } = useView();
  const shared = useSurface();
  const buckets = useMemo(() => answer.buckets ?? [], [answer]);
  const totals = useMemo(() => totalsOf(buckets), [buckets]);
  const types = TYPES.filter((type) => (totals.types[type] ?? 0) > 0);
  const shown = useMemo(() => types.filter((type) => search.show === undefined || search.show.includes(type)), [types, search.show]);
  const columns = useMemo(() => stacked(buckets, shown), [buckets, shown]);
  const option = useOption(columns, shown, zone);
  const label = useLabel(columns, zone);
  const follow = useTip(columns);
  return (
    <>
      <div className="tl-row">
        <div className="tl-gutter" style={{ width: shared.gutter - labelRoom(shared.gutter) }} />
        <div style={{ width: shared.width + labelRoom(shared.gutter) }}><Chart option={option} height={HEIGHT} label={label} follow={follow} /></div>
      </div>
      <Legend types={types} totals={totals.types} />
    </>
  );
}

/** A click on a type shows it alone, again all; with Ctrl, Cmd or Shift it comes or goes by itself. */
function Legend({ types, totals }: { types: readonly string[]; totals: Record<string, number> }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const { language } = useLanguage();
  const { search, change } = useView();
  const { dark } = useShade();
  const pick = (type: string) => (event: MouseEvent): void => {
    change({ show: toggled(types, search.show, type, event.ctrlKey || event.metaKey || event.shiftKey) });
  };
  return (
    <ul className="tl-legend" aria-label={t("timeline.legend")}>
      {types.map((type) => (
        <li key={type}>
          <button type="button" title={t("timeline.legend.hint")} aria-pressed={search.show === undefined || search.show.includes(type)} onClick={pick(type)}>
            <svg width={12} height={12} aria-hidden><rect width={12} height={12} rx={2} fill={COLOURS[type]?.[dark ? 1 : 0]} /></svg>
            {wordOf("eventType", type)} <span className="tl-muted">{countText(totals[type] ?? 0, language)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function useOption(columns: Column[], shown: readonly string[], zone: string): EChartsCoreOption {
  const { dark } = useShade();
  const { range, crosshair, gutter } = useSurface();
  const wordOf = useWordOf();
  const { language } = useLanguage();
  return useMemo(() => {
    const told = (column: Column): string => [
      `${timeText(new Date(column.from).toISOString(), zone)} – ${timeText(new Date(column.to).toISOString(), zone)}`,
      ...column.parts.map((part) => `${wordOf("eventType", part.type)}  ${countText(part.events, language)}`),
    ].join("\n");
    return {
      animation: false,
      grid: { left: labelRoom(gutter), right: 0, top: TOP, bottom: 2 },
      xAxis: { type: "value", min: range.from, max: range.to, show: false },
      yAxis: {
        type: "value", minInterval: 1, splitNumber: 3, axisLabel: { ...valueLabel(dark, gutter), showMinLabel: false },
        axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: dark ? "#303b46" : "#e4e9ee" } },
      },
      tooltip: {
        show: crosshair === "tooltip", renderMode: "richText", trigger: "item", confine: true, transitionDuration: 0,
        backgroundColor: dark ? "#1f2832" : "#ffffff", borderColor: dark ? "#303b46" : "#d9e0e6", textStyle: { color: dark ? "#e6edf3" : "#1f2933", fontSize: 12 },
        formatter: (item: { dataIndex: number }) => { const column = columns[item.dataIndex]; return column === undefined ? "" : told(column); },
      },
      series: shown.map((type) => ({
        type: "custom", name: type, clip: true, encode: { x: [0, 1], y: [2, 3] }, itemStyle: { color: COLOURS[type]?.[dark ? 1 : 0] },
        data: columns.map((column) => {
          const part = column.parts.find((one) => one.type === type);
          return [column.from, column.to, part?.below ?? 0, (part?.below ?? 0) + (part?.events ?? 0)];
        }),
        renderItem: column,
      })),
    };
  }, [columns, shown, zone, dark, range, crosshair, gutter, wordOf, language]);
}

interface Drawing {
  value: (n: number) => number;
  coord: (point: [number, number]) => [number, number];
  visual: (name: "color") => string;
}

/** A rectangle from `from` to `to`, at least a pixel wide, with a hair between neighbours. */
function column(_: unknown, drawing: Drawing): object | null {
  const [left, bottom] = drawing.coord([drawing.value(0), drawing.value(2)]);
  const [right, top] = drawing.coord([drawing.value(1), drawing.value(3)]);
  if (bottom <= top) return null;
  return { type: "rect", shape: { x: left, y: top, width: Math.max(1, right - left - 1), height: bottom - top }, style: { fill: drawing.visual("color") } };
}

function useLabel(columns: readonly Column[], zone: string): string {
  const t = useT();
  const { language } = useLanguage();
  const most = columns.reduce<Column | null>((found, one) => (found === null || one.events > found.events ? one : found), null);
  const count = columns.reduce((sum, one) => sum + one.events, 0);
  if (most === null) return t("timeline.density.none");
  return t("timeline.density.label", { count: countText(count, language), most: countText(most.events, language), at: timeText(new Date(most.from).toISOString(), zone) });
}

/** Shows the tooltip of the column under the crosshair, wherever on the surface the pointer is. */
function useTip(columns: readonly Column[]): (chart: ECharts) => () => void {
  const { hover, crosshair } = useSurface();
  return useCallback((chart: ECharts) => hover.subscribe(() => {
    if (crosshair !== "tooltip") return;
    const at = hover.at;
    const dataIndex = at === null ? -1 : columns.findIndex((one) => one.from <= at && at < one.to);
    if (dataIndex < 0) chart.dispatchAction({ type: "hideTip" });
    else chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex });
  }), [hover, crosshair, columns]);
}

function filesOf(answer: Answer, zone: string): { csv: () => void; json: () => void } {
  const buckets = answer.buckets ?? [];
  return {
    csv: () => {
      const rows = buckets.map((one) => [one.from, one.to, one.events, ...TYPES.map((type) => one.types[type] ?? 0)]);
      saveText(fileName("density", "csv"), csvOf(["from", "to", "events", ...TYPES], rows), "text/csv");
    },
    json: () => { saveText(fileName("density", "json"), JSON.stringify({ basis: answer.basis, zone, buckets }, null, 1), "application/json"); },
  };
}
