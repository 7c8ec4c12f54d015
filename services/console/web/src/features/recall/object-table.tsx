/**
 * Everything affected, as a list: a real table, so that it reads well, of which only the rows in sight are drawn. The
 * service gives it in pages; the next is asked for when the end comes near, and never all of them at once.
 */
import { Button, Grid } from "antd";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import { useLanguage, useT } from "@/shared/i18n/language";
import { countText } from "@/shared/time/format";
import { Nothing } from "@/shared/ui/page";
import type { Affected, Answer } from "./api";
import { Card, Columns, Row } from "./object-row";
import { useChange } from "./state";
import type { View } from "./view";
import { windowOf } from "./window";

/** Where the next page comes from. */
export interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

interface Props {
  view: View;
  pages: readonly Answer[];
  more: Pages;
}

const HEIGHT = 52;
const CARD_HEIGHT = 112;
const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

export function ObjectTable({ view, pages, more }: Props): ReactNode {
  const t = useT();
  const change = useChange();
  const box = useRef<HTMLDivElement>(null);
  const narrow = Grid.useBreakpoint().md !== true;
  const rowHeight = narrow ? CARD_HEIGHT : HEIGHT;
  const rows = pages.flatMap((page) => page.objects);
  const first = pages[0];
  const sight = useSight(box, rowHeight, rows.length, more);
  if (first === undefined || rows.length === 0) return <Nothing title={t("recall.filter.none")} />;
  const total = (first.filtered ?? first.totals).objects;
  const names = Object.assign({}, ...pages.map((page) => page.names)) as Record<string, string>;
  const select = (row: Affected | undefined): void => {
    if (row !== undefined) change({ selected: row.object }, "replace");
  };
  const pressed = (event: KeyboardEvent): void => {
    const now = rows.findIndex((row) => row.object === view.selected);
    const step = STEPS[event.key];
    if (step !== undefined) {
      const next = Math.min(rows.length - 1, Math.max(0, (now === -1 && step > 0 ? -1 : now) + step));
      event.preventDefault();
      select(rows[next]);
      reveal(box.current, next, rowHeight);
    } else if (event.key === "Escape") change({ selected: undefined }, "replace");
    else if (event.key === "Enter" && now === -1) select(rows[0]);
    else if (event.key === "Enter" && event.target === box.current) document.querySelector<HTMLElement>(".recall-detail-name")?.focus();
  };
  const shown = rows.slice(sight.first, sight.end);
  const ticking = first.question.direction === "backward";
  return (
    <section className="recall-list">
      <div className="recall-scroll" ref={box} tabIndex={0} onKeyDown={pressed} aria-label={t("recall.table.keys")} role="group">
        <table aria-rowcount={total + 1} aria-label={t("recall.table")}>
          <thead><Columns narrow={narrow} ticking={ticking} /></thead>
          <tbody>
            <tr aria-hidden style={{ height: sight.first * rowHeight }} />
            {shown.map((row, number) => {
              const given = { row, names, view, ticking, index: sight.first + number + 2, selected: row.object === view.selected, onSelect: () => { select(row); } };
              return narrow ? <Card key={row.object} {...given} /> : <Row key={row.object} {...given} />;
            })}
            <tr aria-hidden style={{ height: (rows.length - sight.end) * rowHeight }} />
          </tbody>
        </table>
      </div>
      <Loaded shown={rows.length} total={total} more={more} />
    </section>
  );
}

function Loaded({ shown, total, more }: { shown: number; total: number; more: Pages }): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  return (
    <div className="recall-loaded" role="status">
      <span className="recall-muted">{t("recall.loaded", { shown: countText(shown, language), all: countText(total, language) })}</span>
      {more.hasNextPage && <Button size="small" loading={more.isFetchingNextPage} onClick={() => { void more.fetchNextPage(); }}>{t("recall.more")}</Button>}
    </div>
  );
}

/** Scrolls so far that a row is in sight, below the head that sticks. */
function reveal(box: HTMLElement | null, row: number, height: number): void {
  if (box === null) return;
  const head = box.querySelector("thead")?.clientHeight ?? 0;
  const top = row * height;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + height + head > box.scrollTop + box.clientHeight) box.scrollTop = top + height + head - box.clientHeight;
}

/** The rows in sight; near the end, the next page is asked for. */
function useSight(box: RefObject<HTMLDivElement | null>, height: number, count: number, more: Pages) {
  const [scrolled, scroll] = useState({ top: 0, height: 600 });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = more;
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const moved = (): void => {
      scroll({ top: element.scrollTop, height: element.clientHeight });
      const near = element.scrollTop + 2 * element.clientHeight > count * height;
      if (near && element.scrollTop > 0 && hasNextPage && !isFetchingNextPage) fetchNextPage();
    };
    moved();
    element.addEventListener("scroll", moved, { passive: true });
    return () => { element.removeEventListener("scroll", moved); };
  }, [box, height, count, hasNextPage, isFetchingNextPage, fetchNextPage]);
  return windowOf(scrolled.top, scrolled.height, height, count);
}
