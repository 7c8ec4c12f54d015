/** Measurements of one type as a band from least to most, with the mean; drawn from doubles, told in the API's own decimals. */
import { useQuery } from "@tanstack/react-query";
import { Alert, AutoComplete } from "antd";
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { useCallback, useMemo, useState, type ReactNode } from "react";
import { Chart } from "@/shared/charts/chart";
import { csvOf, saveText } from "@/shared/files/download";
import { useLanguage, useT, useWordOf } from "@/shared/i18n/language";
import { countText, timeText } from "@/shared/time/format";
import { inZone } from "@/shared/time/wall";
import { useShade } from "@/shared/ui/theme";
import { UnitName, useUnit } from "@/shared/ui/words";
import { sensorQuery } from "./api";
import { bandOf, nearest, type Measured } from "./band";
import { fileName } from "./files";
import { Asking, Panel } from "./panel";
import { useSurface } from "./surface";
import type { Answer } from "./types";
import { useView } from "./use-view";
import type { Asked } from "./view";
import { labelRoom, valueLabel } from "./value-axis";

const HEIGHT = 120;
/** Types of CBV that plants measure most; any other is typed in. */
const OFTEN = ["Temperature", "RelativeHumidity", "Mass", "Pressure", "Length", "Volume", "Torque", "Force", "Speed", "Voltage", "ElectricCurrent", "Time"];

export function Sensor({ asked }: { asked: Asked }): ReactNode {
  const t = useT();
  const { search } = useView();
  const type = search.sensor;
  const { zone } = useSurface();
  const query = useQuery({ ...sensorQuery(asked, type ?? ""), enabled: type !== undefined });
  return (
    <Panel
      name="sensor" title="timeline.sensor" extra={<Choice />}
      files={type === undefined || query.data === undefined ? undefined : filesOf(query.data, type, zone)}
    >
      {type === undefined
        ? <p className="tl-muted tl-hint">{t("timeline.sensor.choose")}</p>
        : <Asking query={query}>{(answer) => <Drawn answer={answer} />}</Asking>}
    </Panel>
  );
}

function Choice(): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const { search, change } = useView();
  const [typed, setTyped] = useState<string | null>(null);
  const choose = (sensor = ""): void => {
    setTyped(null);
    const wanted = sensor.trim();
    if (wanted !== (search.sensor ?? "")) change({ sensor: wanted === "" ? undefined : wanted });
  };
  return (
    <AutoComplete
      size="small" className="tl-sensor-choice" allowClear aria-label={t("timeline.sensor.type")} placeholder={t("timeline.sensor.type")}
      value={typed ?? (search.sensor === undefined ? "" : wordOf("measurement", search.sensor))}
      options={OFTEN.map((one) => ({ value: one, label: wordOf("measurement", one) }))}
      onChange={(value: string | undefined) => { setTyped(value ?? ""); }}
      onSelect={choose} onClear={() => { choose(""); }} onBlur={() => { if (typed !== null) choose(typed); }}
      onInputKeyDown={(event) => { if (event.key === "Enter" && typed !== null && typed !== "") choose(typed); }}
    />
  );
}

function Drawn({ answer }: { answer: Answer }): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  const shared = useSurface();
  const unitOf = useUnit();
  const band = useMemo(() => bandOf(answer.measurements ?? []), [answer]);
  const option = useOption(band.points);
  const follow = useTip(band.points);
  if (band.points.length === 0) return <p className="tl-muted tl-hint">{t("timeline.sensor.none")}</p>;
  const unit = band.unit != null && <UnitName code={band.unit} />;
  const label = t("timeline.sensor.label", { count: countText(band.points.length, language), unit: unitOf(band.unit) });
  return (
    <>
      {answer.capped && <Alert type="info" showIcon className="tl-cut" title={t("timeline.sensor.capped")} />}
      {band.others > 0 && <Alert type="warning" showIcon className="tl-cut" title={t("timeline.sensor.others", { count: band.others, unit: unitOf(band.unit) })} />}
      {shared.gutter === 0 && <p className="tl-muted tl-hint">{unit}</p>}
      <div className="tl-row">
        <div className="tl-gutter tl-muted" style={{ width: shared.gutter - labelRoom(shared.gutter) }}>{shared.gutter > 0 && unit}</div>
        <div style={{ width: shared.width + labelRoom(shared.gutter) }}><Chart option={option} height={HEIGHT} label={label} follow={follow} /></div>
      </div>
    </>
  );
}

interface Drawing {
  coord: (point: [number, number]) => [number, number];
}

function useOption(points: readonly Measured[]): EChartsCoreOption {
  const t = useT();
  const unitOf = useUnit();
  const { dark } = useShade();
  const { range, zone, crosshair, gutter } = useSurface();
  return useMemo(() => {
    const line = dark ? "#5cc0e0" : "#0b6e8f";
    const told = (one: Measured): string => [
      timeText(one.time, zone), `${t("timeline.mean")} ${one.valueText ?? "–"} ${unitOf(one.unit)}`,
      ...(one.minText === null && one.maxText === null ? [] : [`${one.minText ?? "–"} … ${one.maxText ?? "–"}`]),
    ].join("\n");
    return {
      animation: false,
      grid: { left: labelRoom(gutter), right: 0, top: 10, bottom: 6 },
      xAxis: { type: "value", min: range.from, max: range.to, show: false },
      yAxis: {
        type: "value", scale: true, splitNumber: 3, axisLabel: valueLabel(dark, gutter),
        axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: dark ? "#303b46" : "#e4e9ee" } },
      },
      tooltip: {
        show: crosshair === "tooltip", renderMode: "richText", trigger: "item", confine: true, transitionDuration: 0,
        backgroundColor: dark ? "#1f2832" : "#ffffff", borderColor: dark ? "#303b46" : "#d9e0e6", textStyle: { color: dark ? "#e6edf3" : "#1f2933", fontSize: 12 },
        formatter: (item: { dataIndex: number }) => { const one = points[item.dataIndex]; return one === undefined ? "" : told(one); },
      },
      series: [
        { type: "line", data: points.map((one) => [one.at, one.value]), symbol: "circle", symbolSize: points.length > 200 ? 2 : 5, lineStyle: { color: line, width: 1.5 }, itemStyle: { color: line }, z: 3 },
        {
          type: "custom", silent: true, clip: true, encode: { x: 0, y: [1, 2] }, data: points.map((one) => [one.at, one.low, one.high]), z: 2,
          renderItem: (params: { dataIndex: number }, drawing: Drawing) => {
            if (params.dataIndex !== 0) return null;
            const outline = [...points.map((one) => drawing.coord([one.at, one.high])), ...points.toReversed().map((one) => drawing.coord([one.at, one.low]))];
            return { type: "polygon", shape: { points: outline }, style: { fill: line, opacity: 0.22 } };
          },
        },
      ],
    };
  }, [points, range, zone, crosshair, gutter, dark, t, unitOf]);
}

function useTip(points: readonly Measured[]): (chart: ECharts) => () => void {
  const { hover, crosshair, range, width } = useSurface();
  return useCallback((chart: ECharts) => hover.subscribe(() => {
    if (crosshair !== "tooltip") return;
    const dataIndex = hover.at === null ? -1 : nearest(points, hover.at, ((range.to - range.from) * 24) / width);
    if (dataIndex < 0) chart.dispatchAction({ type: "hideTip" });
    else chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex });
  }), [hover, crosshair, points, range, width]);
}

function filesOf(answer: Answer, type: string, zone: string): { csv: () => void; json: () => void } {
  const measured = (answer.measurements ?? []).map((one) => ({ ...one, time: inZone(one.time, zone) }));
  return {
    csv: () => {
      const rows = measured.map((one) => [one.time, type, one.value, one.min, one.max, one.unit, one.event]);
      saveText(fileName("sensor", "csv"), csvOf(["time", "type", "value", "min", "max", "unit", "event"], rows), "text/csv");
    },
    json: () => { saveText(fileName("sensor", "json"), JSON.stringify({ basis: answer.basis, zone, type, measurements: measured, capped: answer.capped }, null, 1), "application/json"); },
  };
}
