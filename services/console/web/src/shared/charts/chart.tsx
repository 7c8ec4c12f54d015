/** A chart of ECharts, which is loaded when the first one is shown. Tooltips are drawn on the canvas: the policy forbids inline styles. */
import type { EChartsCoreOption, ECharts } from "echarts/core";
import { useEffect, useRef, type ReactNode } from "react";

interface Props {
  option: EChartsCoreOption;
  height: number;
  /** What the picture says, for who does not see it. */
  label: string;
  /** Where the pointer is, in pixels of the chart; null for nowhere. Called back so that a chart need not be drawn anew. */
  follow?: (chart: ECharts) => () => void;
}

export function Chart({ option, height, label, follow }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const wanted = useRef(option);
  useEffect(() => {
    wanted.current = option;
    chart.current?.setOption(option, { notMerge: true });
  }, [option]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let gone = false;
    const size = new ResizeObserver(() => { chart.current?.resize(); });
    let leave: (() => void) | undefined;
    void import("./echarts").then(({ chartIn }) => {
      if (gone) return;
      chart.current = chartIn(element);
      chart.current.setOption(wanted.current);
      size.observe(element);
      leave = follow?.(chart.current);
    });
    return () => {
      gone = true;
      leave?.();
      size.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, [follow]);
  return <div ref={box} role="img" aria-label={label} className="chart" style={{ height }} />;
}
