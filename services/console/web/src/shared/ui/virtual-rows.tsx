/** A long list of which only what can be seen is drawn: rows of one height, of which one may be open with a height of its own. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

interface Props {
  count: number;
  rowHeight: number;
  height: number | string;
  label: string;
  columns: number;
  head?: ReactNode;
  row: (n: number) => ReactNode;
  keyOf: (n: number) => string;
  /** Index of the open row, and what stands below it. */
  open: number | null;
  detail: ReactNode;
  /** The end is near: more can be fetched. */
  nearEnd?: () => void;
  scrolled?: (top: number) => void;
}

const AROUND = 8;

export function VirtualRows({ count, rowHeight, height, label, columns, head, row, keyOf, open, detail, nearEnd, scrolled }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [tall, setTall] = useState(0);
  const extra = open === null ? 0 : tall;
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => { setView((before) => ({ ...before, height: element.clientHeight })); });
    observer.observe(element);
    return () => { observer.disconnect(); };
  }, []);
  const topOf = (n: number): number => n * rowHeight + (open !== null && n > open ? extra : 0);
  const reach = (top: number): number => Math.floor((open !== null && top > (open + 1) * rowHeight ? Math.max((open + 1) * rowHeight, top - extra) : top) / rowHeight);
  const first = Math.max(0, reach(view.top) - AROUND);
  const last = Math.min(count - 1, reach(view.top + view.height) + AROUND);
  useEffect(() => {
    if (last >= count - AROUND) nearEnd?.();
  }, [last, count, nearEnd]);
  useEffect(() => {
    const element = box.current;
    if (element === null || open === null) return;
    const top = open * rowHeight;
    if (top < element.scrollTop || top > element.scrollTop + element.clientHeight - rowHeight * 2) element.scrollTop = Math.max(0, top - rowHeight);
  }, [open, rowHeight]);
  const measure = useCallback((element: HTMLDivElement | null) => {
    if (element === null) return;
    const observer = new ResizeObserver(() => { setTall(element.offsetHeight); });
    observer.observe(element);
    return () => { observer.disconnect(); };
  }, []);
  const shown = Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n);
  return (
    <div className="rows" role="table" aria-label={label} aria-rowcount={count + 1} aria-colcount={columns}>
      {head}
      <div
        ref={box} className="rows-box" role="rowgroup" style={{ height }} tabIndex={0} onKeyDown={walk} aria-label={label}
        onScroll={(event) => {
          const top = event.currentTarget.scrollTop;
          setView((before) => ({ ...before, top }));
          scrolled?.(top);
        }}
      >
        <div role="presentation" className="rows-all" style={{ height: count * rowHeight + extra }}>
          {shown.map((n) => (
            <div key={keyOf(n)} role="row" aria-rowindex={n + 2} className={n === open ? "rows-row open" : "rows-row"} style={{ top: topOf(n), height: rowHeight }}>{row(n)}</div>
          ))}
          {open !== null && (
            <div role="row" className="rows-detail" style={{ top: (open + 1) * rowHeight }} ref={measure}>
              <div role="cell" aria-colspan={columns}>{detail}</div>
            </div>
          )}
        </div>
      </div>
    </div>
  );
}

/** Up and down go from row to row, by each row's first button. */
function walk(event: KeyboardEvent<HTMLDivElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const here = document.activeElement?.closest(".rows-row");
  const rows = [...event.currentTarget.querySelectorAll(".rows-row")];
  const n = here === null || here === undefined ? -1 : rows.indexOf(here);
  const next = rows[event.key === "ArrowDown" ? n + 1 : n - 1];
  const button = next?.querySelector<HTMLButtonElement>("button");
  if (button == null) return;
  event.preventDefault();
  button.focus();
}
