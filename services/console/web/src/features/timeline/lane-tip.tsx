/** What stands under the pointer on a lane: the true beginning, end and length of each state, though it be thinner than a pixel. */
import { Button, Popover } from "antd";
import type { ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { timeText } from "@/shared/time/format";
import { useZone } from "@/shared/time/zone";
import { shortOf } from "@/shared/ui/keys";
import { lengthParts, type Point, type Shown } from "./lane-model";
import { useSurface } from "./surface";
import { useView } from "./use-view";

const MOST = 6;

export function useLength(): (ms: number) => string {
  const t = useT();
  return (ms) => lengthParts(ms).map(([count, unit]) => t(`timeline.unit.${unit}`, { count })).join(" ");
}

export function LaneTip({ x, bars, points, now }: { x: number; bars: readonly Shown[]; points: readonly Point[]; now: number }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const lengthOf = useLength();
  const zone = useZone();
  const { width, crosshair } = useSurface();
  if (crosshair === "off" || bars.length + points.length === 0) return null;
  const at = (ms: number): string => timeText(new Date(ms).toISOString(), zone);
  return (
    <div className={x > width / 2 ? "tl-tip left" : "tl-tip"} style={{ left: x }} aria-hidden>
      {bars.slice(0, MOST).map((one) => (
        <div key={one.bar.from}>
          <b>{one.bar.state === null ? shortOf((one.bar.process ?? "").slice(2)) : wordOf("status", one.bar.state)}</b>{" "}
          {at(one.from)} – {one.to === null ? t("timeline.lasts") : at(one.to)} · {lengthOf((one.to ?? Math.max(now, one.from)) - one.from)}
        </div>
      ))}
      {points.slice(0, MOST).map((one) => <div key={one.event}>{timeText(one.time, zone)} {one.activity === null ? "" : wordOf("step", one.activity)}</div>)}
      {bars.length > MOST && <div>{t("timeline.more", { count: bars.length - MOST })}</div>}
      {points.length > MOST && <div>{t("timeline.more", { count: points.length - MOST })}</div>}
    </div>
  );
}

/** Events that stand on one place of a lane, each to be opened. */
export function PointList({ x, points, close }: { x: number; points: readonly Point[]; close: () => void }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const zone = useZone();
  const { change } = useView();
  return (
    <Popover
      open trigger="click" onOpenChange={(open) => { if (!open) close(); }} title={t("timeline.here", { count: points.length })}
      content={
        <ul className="tl-list">
          {points.map((one) => (
            <li key={one.event}>
              <Button type="link" size="small" onClick={() => { close(); change({ event: one.event }); }}>
                {timeText(one.time, zone)} {one.activity === null ? t("timeline.step.none") : wordOf("step", one.activity)}
              </Button>
            </li>
          ))}
        </ul>
      }
    >
      <span className="tl-anchor" style={{ left: x }} />
    </Popover>
  );
}
