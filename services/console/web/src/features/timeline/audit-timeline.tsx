/** The audit timeline: who did what, when and where, and what was corrected, on one axis. */
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Alert, Button } from "antd";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { useMay } from "@/shared/api/session";
import { useT } from "@/shared/i18n/language";
import { rangeOf, type RawRange } from "@/shared/time/range";
import { ZoneProvider } from "@/shared/time/zone";
import { Loading, Needs, Nothing, Page } from "@/shared/ui/page";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { useActs, type Act } from "@/shared/ui/shortcuts";
import { AccessStrip } from "./access-strip";
import { momentsQuery, spanQuery } from "./api";
import { totalsOf } from "./columns";
import { Density, useDensity } from "./density";
import { Events } from "./events";
import { EvidenceButton } from "./evidence";
import { Filters } from "./filters";
import { KnownAt } from "./known-at";
import { Lanes } from "./lanes";
import { MarkKinds, MarkLines, MarkStrip } from "./mark-strip";
import { Sensor } from "./sensor";
import { AxisRow, Stack, Surface } from "./surface";
import { CrosshairChoice, KioskButton, Refresh } from "./toolbar";
import { TimePicker } from "./time-picker";
import "./timeline.css";
import { useRanging, type Ranging } from "./use-ranging";
import { useRefresh, type Refreshing } from "./use-refresh";
import { useView, type View } from "./use-view";
import { askedOf, filtersOf, openingRange, PANELS, rawOf, refreshMs, zoneOf, type Asked } from "./view";

export function AuditTimeline(): ReactNode {
  const t = useT();
  const { search } = useView();
  const [began] = useState(() => Date.now());
  const raw = rawOf(search, began);
  return (
    <Page title={t("nav.timeline")} subtitle={search.kiosk === undefined ? t("timeline.subtitle") : undefined}>
      <Needs right="query">{raw === null ? <Opening /> : <Shown from={raw.from} to={raw.to} />}</Needs>
    </Page>
  );
}

/** The address names no range: the one that shows what there is, and the address says so, unless one has left meanwhile. */
function Opening(): ReactNode {
  const router = useRouter();
  const [path] = useState(() => router.latestLocation.pathname);
  const { search, change } = useView();
  const filtered = filtersOf(search).length > 0;
  const query = useQuery(spanQuery(askedOf(search, null)));
  const span = query.data;
  useEffect(() => {
    if (span === undefined || router.latestLocation.pathname !== path) return;
    change(openingRange(span.first, span.last, filtered, Date.now()), { replace: true });
  }, [span, filtered, change, router, path]);
  if (query.isError) return <ProblemAlert error={query.error} retry={() => { void query.refetch(); }} />;
  return <Loading />;
}

function Shown({ from, to }: RawRange): ReactNode {
  const view = useView();
  const { search, change } = view;
  const zone = zoneOf(search.timezone);
  const raw = useMemo(() => ({ from, to }), [from, to]);
  const refreshing = useRefresh((now) => refreshMs(search.refresh, rangeOf(raw, now, zone)));
  const range = useMemo(() => rangeOf(raw, refreshing.now, zone) ?? { from: refreshing.now - 86_400_000, to: refreshing.now }, [raw, refreshing.now, zone]);
  const ranging = useRanging(raw, range, zone, change);
  useTimeKeys(ranging, view);
  useKiosk(search.kiosk !== undefined);
  return (
    <ZoneProvider zone={zone}>
      <div className={search.v === undefined ? "tl" : `tl full-${search.v}`}>
        <div className="tl-bar">
          <TimePicker raw={raw} range={range} zone={zone} now={refreshing.now} ranging={ranging} />
          <Refresh refreshing={refreshing} />
          <CrosshairChoice />
          <EvidenceButton asked={askedOf(search, range)} />
          <KioskButton />
        </div>
        <Filters />
        <Surface range={range} zone={zone} crosshair={search.crosshair ?? "tooltip"}>
          <Panels refreshing={refreshing} ranging={ranging} />
        </Surface>
      </div>
    </ZoneProvider>
  );
}

function Panels({ refreshing, ranging }: { refreshing: Refreshing; ranging: Ranging }): ReactNode {
  const may = useMay();
  const { search } = useView();
  const zone = zoneOf(search.timezone);
  const { now } = refreshing;
  const range = useMemo(() => rangeOf({ from: search.from ?? "", to: search.to ?? "now" }, now, zone), [search.from, search.to, now, zone]);
  const question = JSON.stringify(askedOf(search, range));
  const asked = useMemo(() => JSON.parse(question) as Asked, [question]);
  const density = useDensity(asked, zone);
  const total = density.data?.buckets == null || density.isError ? null : totalsOf(density.data.buckets).events;
  const live = search.refresh === "live" && search.known_at === undefined;
  const shown = (panel: (typeof PANELS)[number]): boolean => search.v === undefined || search.v === panel;
  return (
    <>
      <KnownMoments now={now} />
      <Notes notProjected={density.data?.basis.not_projected ?? 0} lag={density.data?.basis.lag_events ?? 0} empty={total === 0} />
      <MarkKinds asked={asked} />
      <Stack zoom={ranging.zoom} zoomOut={ranging.out}>
        <MarkLines asked={asked} now={now} />
        <MarkStrip asked={asked} now={now} />
        <AxisRow />
        {shown("density") && <Density asked={asked} zone={zone} />}
        {shown("lanes") && <Lanes asked={asked} now={now} total={total} />}
        {shown("sensor") && <Sensor asked={asked} />}
        {may("audit") && shown("access") && <AccessStrip />}
      </Stack>
      {shown("events") && <Events asked={asked} live={live} total={total} heard={refreshing.heard} />}
    </>
  );
}

const NONE: readonly string[] = [];

/** The slider's moments are those of what would be shown now, so that they do not move with it. */
function KnownMoments({ now }: { now: number }): ReactNode {
  const { search } = useView();
  const zone = zoneOf(search.timezone);
  const range = useMemo(() => rangeOf({ from: search.from ?? "", to: search.to ?? "now" }, now, zone), [search.from, search.to, now, zone]);
  const asked = useMemo(() => askedOf({ ...search, known_at: undefined }, range), [search, range]);
  const query = useQuery({ ...momentsQuery(asked), enabled: search.known_at !== undefined });
  return <KnownAt moments={query.data?.moments ?? NONE} of={query.data?.of ?? null} now={now} />;
}

function Notes({ notProjected, lag, empty }: { notProjected: number; lag: number; empty: boolean }): ReactNode {
  const t = useT();
  const { search, change } = useView();
  const latest = useQuery({ ...spanQuery(askedOf(search, null)), enabled: empty });
  const last = latest.data?.last;
  return (
    <>
      {notProjected > 0 && <Alert type="error" showIcon className="tl-cut" title={t("timeline.poison", { count: notProjected })} />}
      {lag > 100 && <Alert type="warning" showIcon className="tl-cut" title={t("timeline.lag", { count: lag })} />}
      {empty && (
        <Nothing
          title={t("timeline.none")}
          fix={last === undefined ? t("timeline.none.fix") : (
            <Button type="link" size="small" onClick={() => { change(openingRange(latest.data?.first, last, filtersOf(search).length > 0, Date.now())); }}>{t("timeline.none.last")}</Button>
          )}
        />
      )}
    </>
  );
}

function useTimeKeys(ranging: Ranging, { search, change }: View): void {
  const full = search.v;
  const kiosk = search.kiosk;
  const acts = useMemo<Act[]>(() => {
    const near = (): (typeof PANELS)[number] | undefined => {
      const element = document.querySelector("[data-panel]:hover") ?? document.activeElement?.closest("[data-panel]");
      return PANELS.find((one) => one === element?.getAttribute("data-panel"));
    };
    return [
      { label: "timeline.act.back", keys: "t ←", perform: ranging.earlier },
      { label: "timeline.act.forward", keys: "t →", perform: ranging.later },
      { label: "timeline.act.in", keys: "t +", perform: ranging.closer },
      { label: "timeline.act.out", keys: "t -", perform: ranging.out },
      { label: "timeline.act.out", keys: "Ctrl+z", perform: ranging.out },
      { label: "timeline.act.fix", keys: "t a", perform: ranging.fix },
      { label: "timeline.act.copy", keys: "t c", perform: ranging.copy },
      { label: "timeline.act.paste", keys: "t v", perform: ranging.paste },
      { label: "timeline.panel.full", keys: "v", perform: () => { change({ v: full === undefined ? (near() ?? "lanes") : undefined }); } },
      { label: "timeline.act.kiosk", keys: "d k", perform: () => { change({ kiosk: kiosk === undefined ? "true" : undefined }); } },
    ];
  }, [ranging, change, full, kiosk]);
  useActs(acts);
}

/** Only the page, for a screen on the wall. */
function useKiosk(on: boolean): void {
  useEffect(() => {
    if (!on) return;
    document.documentElement.dataset["kiosk"] = "true";
    return () => { delete document.documentElement.dataset["kiosk"]; };
  }, [on]);
}
