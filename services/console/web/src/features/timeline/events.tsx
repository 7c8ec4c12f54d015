/** The events themselves: a row an event, opened to all that is known of it; live, new ones come on top. */
import { DownOutlined, PauseCircleOutlined, RightOutlined, SortAscendingOutlined, SortDescendingOutlined } from "@ant-design/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { App, Badge, Button, Grid, Tooltip } from "antd";
import { useCallback, useMemo, useRef, useState, type ReactNode } from "react";
import { save } from "@/shared/files/download";
import { useLanguage, useT, useWordOf } from "@/shared/i18n/language";
import { countText } from "@/shared/time/format";
import { shortOf } from "@/shared/ui/keys";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { VirtualRows } from "@/shared/ui/virtual-rows";
import { Time } from "@/shared/ui/words";
import { actorsQuery, eventsQuery } from "./api";
import { EventDetail } from "./event-detail";
import { download } from "./export";
import { fileName } from "./files";
import { Asking, Panel } from "./panel";
import { useSurface } from "./surface";
import { joined } from "./tail";
import type { Entry, Names } from "./types";
import { useTail, type Live } from "./use-tail";
import { useView } from "./use-view";
import type { Asked, Field } from "./view";
import { signsOf } from "./signs";

interface Props {
  asked: Asked;
  live: boolean;
  total: number | null;
  /** Something new came by the live stream. */
  heard: () => void;
}

export function Events({ asked, live, total, heard }: Props): ReactNode {
  const t = useT();
  const { search, change } = useView();
  const { zone } = useSurface();
  const { message } = App.useApp();
  const order = search.order ?? "desc";
  // live, the page is the one that the stream goes on from
  const begun = useBegun(asked, live);
  const query = useInfiniteQuery(eventsQuery(begun, order));
  const pages = query.data?.pages;
  const page = useMemo(() => (pages ?? []).flatMap((one) => one.events), [pages]);
  const known = useMemo(() => new Set(page.map((one) => one.event)), [page]);
  const tail = useTail(live, begun, live && !query.isPlaceholderData ? (pages?.[0]?.basis.known_at ?? null) : null, known, heard);
  const entries = useMemo(() => joined(tail.tail, page, order), [tail.tail, page, order]);
  const names = useMemo<Names>(() => Object.assign({}, ...(pages ?? []).map((one) => one.names)) as Names, [pages]);
  const take = (kind: "csv" | "json") => (): void => {
    download(asked, order, zone, kind).then((file) => { save(fileName("events", kind), file); }, (error: unknown) => {
      void message.error(error instanceof Error ? error.message : String(error));
    });
  };
  return (
    <Panel
      name="events" title="timeline.events" files={{ csv: take("csv"), json: take("json") }}
      extra={
        <>
          <LiveState live={tail} />
          <Shown loaded={entries.length} total={total === null ? null : total + (live ? tail.tail.entries.length : 0)} />
          <Tooltip title={t(order === "desc" ? "timeline.order.desc" : "timeline.order.asc")}>
            <Button
              type="text" size="small" icon={order === "desc" ? <SortDescendingOutlined /> : <SortAscendingOutlined />}
              aria-label={t(order === "desc" ? "timeline.order.desc" : "timeline.order.asc")}
              onClick={() => { change({ order: order === "desc" ? "asc" : undefined }); }}
            />
          </Tooltip>
        </>
      }
    >
      {tail.error !== null && <ProblemAlert error={tail.error} />}
      <Asking query={query} rows={6}>
        {() => (
          <Rows
            entries={entries} names={names} live={tail}
            more={() => { if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage(); }}
          />
        )}
      </Asking>
    </Panel>
  );
}

/** While live the question stays the one it was begun with: its end moves on by the stream. */
function useBegun(asked: Asked, live: boolean): Asked {
  const text = JSON.stringify({ ...asked, from: undefined, to: undefined });
  const [kept, setKept] = useState<{ live: boolean; text: string; asked: Asked }>({ live, text, asked });
  if (live && kept.live && kept.text === text) return kept.asked;
  if (kept.live !== live || kept.text !== text || kept.asked !== asked) setKept({ live, text, asked });
  return asked;
}

function Shown({ loaded, total }: { loaded: number; total: number | null }): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  if (total === null) return null;
  return <span className="tl-muted" data-testid="shown">{t("timeline.events.shown", { shown: countText(Math.min(loaded, total), language), total: countText(total, language) })}</span>;
}

function LiveState({ live }: { live: Live }): ReactNode {
  const t = useT();
  if (live.state === "off") return null;
  if (live.state === "ended") return <Badge status="error" text={t("timeline.live.ended")} />;
  return <span aria-live="polite"><Badge status={live.state === "on" ? "processing" : "warning"} text={t(live.state === "on" ? "timeline.live.on" : "timeline.live.broken")} /></span>;
}

interface RowsProps {
  entries: readonly Entry[];
  names: Names;
  live: Live;
  more: () => void;
}

function Rows({ entries, names, live, more }: RowsProps): ReactNode {
  const t = useT();
  const { search, change } = useView();
  const wide = Grid.useBreakpoint().md === true;
  const actors = useQuery(actorsQuery).data ?? {};
  const box = useRef<HTMLDivElement>(null);
  const open = search.event === undefined ? -1 : entries.findIndex((one) => one.event === search.event);
  const { setPaused } = live;
  const scrolled = useCallback((top: number) => { setPaused(top > 24); }, [setPaused]);
  if (entries.length === 0 && search.event === undefined) return <p className="tl-muted tl-hint">{t("timeline.none")}</p>;
  const opened = search.event === undefined ? null : <EventDetail key={search.event} event={search.event} entry={entries[open]} names={names} actors={actors} />;
  return (
    <div ref={box} className={wide ? "tl-events" : "tl-events narrow"}>
      {live.tail.waiting > 0 && (
        <Button
          className="tl-resume" type="primary" size="small" icon={<PauseCircleOutlined />}
          onClick={() => { box.current?.querySelector(".rows-box")?.scrollTo({ top: 0 }); setPaused(false); }}
        >
          {t("timeline.live.waiting", { count: live.tail.waiting })}
        </Button>
      )}
      {opened !== null && open < 0 && <div className="tl-apart">{opened}</div>}
      <VirtualRows
        count={entries.length} rowHeight={wide ? 40 : 66} height={search.v === "events" ? "calc(100vh - 300px)" : "min(62vh, 620px)"}
        label={t("timeline.events")} columns={7} head={wide ? <Head /> : undefined}
        keyOf={(n) => entries[n]?.event ?? String(n)}
        row={(n) => { const entry = entries[n]; return entry === undefined ? null : <Row entry={entry} names={names} actors={actors} open={n === open} toggle={() => { change({ event: n === open ? undefined : entry.event }); }} />; }}
        open={open < 0 ? null : open} detail={opened} nearEnd={more} scrolled={scrolled}
      />
    </div>
  );
}

const COLUMNS = ["time", "activity", "objects", "place", "operator", "actor", "signs"] as const;

function Head(): ReactNode {
  const t = useT();
  return (
    <div role="row" className="rows-head" aria-rowindex={1}>
      {COLUMNS.map((one) => <div role="columnheader" key={one} className={`tl-c-${one}`}>{t(`timeline.column.${one}`)}</div>)}
    </div>
  );
}

interface RowProps {
  entry: Entry;
  names: Names;
  actors: Names;
  open: boolean;
  toggle: () => void;
}

function Row({ entry, names, actors, open, toggle }: RowProps): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const { hover } = useSurface();
  const shown = entry.objects[0];
  const step = entry.activity === null ? wordOf("eventType", entry.type) : wordOf("step", entry.activity);
  return (
    <div
      role="presentation" className={entry.withdrawn === null ? "tl-event" : "tl-event withdrawn"} data-event={entry.event}
      onPointerEnter={() => { hover.set(Date.parse(entry.time)); }} onPointerLeave={() => { hover.set(null); }}
    >
      <div role="cell" className="tl-c-time">
        <Button
          type="text" size="small" icon={open ? <DownOutlined /> : <RightOutlined />} aria-expanded={open} onClick={toggle}
          onFocus={() => { hover.set(Date.parse(entry.time)); }} aria-label={`${t(open ? "timeline.close" : "timeline.open")} ${step} ${entry.time}`}
        />
        <Time at={entry.time} />
      </div>
      <div role="cell" className="tl-c-activity"><Cell field="activity" value={entry.activity}>{step}</Cell></div>
      <div role="cell" className="tl-c-objects">
        {shown !== undefined && <Cell field="object" value={shown.object}>{names[shown.object] ?? shortOf(shown.object)}</Cell>}
        {entry.objects.length > 1 && <span className="tl-muted"> {t("timeline.objects.more", { count: entry.objects.length - 1 })}</span>}
      </div>
      <div role="cell" className="tl-c-place">{entry.place !== null && <Cell field="place" value={entry.place}>{names[entry.place] ?? shortOf(entry.place)}</Cell>}</div>
      <div role="cell" className="tl-c-operator">{entry.operator !== null && <Cell field="operator" value={entry.operator}>{names[entry.operator] ?? shortOf(entry.operator)}</Cell>}</div>
      <div role="cell" className="tl-c-actor">{actors[entry.actor] ?? entry.actor}</div>
      <div role="cell" className="tl-c-signs">
        {signsOf(entry).map((sign) => <span key={sign.kind} className={`tl-badge ${sign.kind}`}>{sign.flag === undefined ? t(sign.label) : wordOf("flag", sign.flag)}</span>)}
      </div>
    </div>
  );
}

/** A value that a click makes a filter. */
function Cell({ field, value, children }: { field: Field; value: string | null; children: ReactNode }): ReactNode {
  const t = useT();
  const { add } = useView();
  if (value === null) return children;
  return (
    <button type="button" className="tl-cell" title={t("timeline.filter.only")} onClick={() => { add({ field, value, not: false }); }}>{children}</button>
  );
}

