/** The parts of ECharts that are used, in a chunk of their own that is loaded with the first chart. */
import { CustomChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use as register, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

register([CustomChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

export function chartIn(box: HTMLElement): ECharts {
  return init(box, null, { renderer: "canvas" });
}
