/**
 * The one axis that all panels share: its ticks, the crosshair across them, and drawing over it. A drag of at least five
 * pixels zooms to what was drawn over, less is a click; a double click doubles the span.
 */
import { createContext, use, useLayoutEffect, useMemo, useRef, useState, type PointerEvent, type ReactNode } from "react";
import { timeText } from "@/shared/time/format";
import type { Range } from "@/shared/time/range";
import { ticksOf } from "@/shared/time/ticks";
import { timeOf, xOf, type Axis } from "./axis";
import { Hover, useHover } from "./hover";

const LEAST = 5;
const RIGHT = 12;

interface Shared extends Axis {
  /** Pixels left of the plot, for labels; none on a phone. */
  gutter: number;
  zone: string;
  hover: Hover;
  crosshair: "off" | "line" | "tooltip";
}

const Context = createContext<Shared | null>(null);

export function useSurface(): Shared {
  const found = use(Context);
  if (found === null) throw new Error("no Surface above");
  return found;
}

interface Props {
  range: Range;
  zone: string;
  crosshair: Shared["crosshair"];
  children: ReactNode;
}

export function Surface({ range, zone, crosshair, children }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ gutter: 0, width: 0 });
  const [hover] = useState(() => new Hover());
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void => {
      const whole = element.clientWidth;
      const gutter = whole >= 700 ? 184 : 0;
      setSize({ gutter, width: Math.max(40, whole - gutter - RIGHT) });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => { observer.disconnect(); };
  }, []);
  const shared = useMemo<Shared>(() => ({ range, zone, hover, crosshair, ...size }), [range, zone, hover, crosshair, size]);
  return <Context value={shared}><div ref={box} className="tl-surface">{size.width > 0 && children}</div></Context>;
}

interface Drawn {
  zoom: (range: Range) => void;
  zoomOut: () => void;
  children: ReactNode;
}

/** The panels that are drawn along the axis, and may be drawn over. */
export function Stack({ zoom, zoomOut, children }: Drawn): ReactNode {
  const shared = useSurface();
  const { brush, handlers } = useBrush(shared, zoom);
  return (
    <div
      className="tl-stack" data-testid="stack" {...handlers}
      onDoubleClick={(event) => {
        if (event.target instanceof Element && event.target.closest("button, a, input, .ant-select, .ant-segmented") === null) zoomOut();
      }}
    >
      {children}
      {brush !== null && <div className="tl-brush" style={{ left: shared.gutter + brush.left, width: brush.width }} />}
      {shared.crosshair !== "off" && <Crosshair />}
    </div>
  );
}

interface Brush {
  left: number;
  width: number;
}

type Handlers = Pick<React.ComponentProps<"div">, "onPointerDown" | "onPointerMove" | "onPointerUp" | "onPointerCancel" | "onPointerLeave" | "onClickCapture">;

function useBrush(shared: Shared, zoom: (range: Range) => void): { brush: Brush | null; handlers: Handlers } {
  const [brush, setBrush] = useState<Brush | null>(null);
  const begun = useRef<number | null>(null);
  const drawn = useRef(false);
  const xAt = (event: PointerEvent<HTMLDivElement>): number => event.clientX - event.currentTarget.getBoundingClientRect().left - shared.gutter;
  const end = (): void => {
    begun.current = null;
    setBrush(null);
  };
  const handlers: Handlers = {
    onPointerDown(event) {
      drawn.current = false;
      const x = xAt(event);
      const inside = event.target instanceof Element && event.target.closest(".tl-panel-head, .tl-legend, .ant-popover, .ant-alert") === null;
      if (inside && event.button === 0 && event.isPrimary && x >= 0 && x <= shared.width) begun.current = x;
    },
    onPointerMove(event) {
      const x = xAt(event);
      shared.hover.set(x >= 0 && x <= shared.width ? timeOf(shared, x) : null);
      if (begun.current === null) return;
      const here = Math.min(shared.width, Math.max(0, x));
      if (!drawn.current && Math.abs(here - begun.current) < LEAST) return;
      if (!drawn.current) event.currentTarget.setPointerCapture(event.pointerId);
      drawn.current = true;
      setBrush({ left: Math.min(here, begun.current), width: Math.abs(here - begun.current) });
    },
    onPointerUp() {
      if (drawn.current && brush !== null) {
        const range = { from: timeOf(shared, brush.left), to: timeOf(shared, brush.left + brush.width) };
        if (range.to > range.from) zoom(range);
      }
      end();
    },
    onPointerCancel: end,
    onPointerLeave() {
      shared.hover.set(null);
    },
    onClickCapture(event) {
      if (drawn.current) event.stopPropagation();
      drawn.current = false;
    },
  };
  return { brush, handlers };
}

function Crosshair(): ReactNode {
  const shared = useSurface();
  const at = useHover(shared.hover);
  if (at === null) return null;
  const x = xOf(shared, at);
  return (
    <div className="tl-crosshair" style={{ left: shared.gutter + x }} aria-hidden>
      <span className={x > shared.width - 160 ? "tl-crosshair-time left" : "tl-crosshair-time"}>{timeText(new Date(at).toISOString(), shared.zone)}</span>
    </div>
  );
}

/** The axis itself: round readings of the zone's clock, and the zone. */
export function AxisRow(): ReactNode {
  const shared = useSurface();
  const ticks = useMemo(() => ticksOf(shared.range, shared.width, shared.zone, shared.width < 500 ? 72 : 84), [shared.range, shared.width, shared.zone]);
  return (
    <div className="tl-row tl-axis">
      <div className="tl-gutter" style={{ width: shared.gutter }}>{shared.gutter > 0 && shared.zone}</div>
      <svg width={shared.width} height={24} role="img" aria-label={shared.zone} data-testid="axis">
        {ticks.map((one) => {
          const x = xOf(shared, one.at);
          return (
            <g key={one.at} className={one.major ? "major" : undefined}>
              <line x1={x} x2={x} y1={0} y2={6} />
              <text x={x} y={19} textAnchor={x < 24 ? "start" : x > shared.width - 24 ? "end" : "middle"}>{one.label}</text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

/** Light lines where the ticks stand, behind a panel's plot. */
export function GridLines({ height }: { height: number }): ReactNode {
  const shared = useSurface();
  const ticks = useMemo(() => ticksOf(shared.range, shared.width, shared.zone, shared.width < 500 ? 72 : 84), [shared.range, shared.width, shared.zone]);
  return (
    <g className="tl-grid">
      {ticks.map((one) => <line key={one.at} x1={xOf(shared, one.at)} x2={xOf(shared, one.at)} y1={0} y2={height} />)}
    </g>
  );
}
