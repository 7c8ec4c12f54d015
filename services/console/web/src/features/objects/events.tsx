/** The last events of an object, newest first, and the way to the whole timeline. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { DataTable } from "@/shared/ui/data-table";
import { shortOf } from "@/shared/ui/keys";
import { ObjectLink } from "@/shared/ui/object-link";
import { Panel } from "@/shared/ui/panel";
import { NamedKey, Time } from "@/shared/ui/words";
import type { LastEvent, Limits, ObjectRead } from "./api";

export function Events({ object, limits }: { object: ObjectRead; limits: Limits }): ReactNode {
  const t = useT();
  const { names } = object;
  const all = (
    <Link to="/timeline" search={{ "var-object": [object.object], known_at: limits.known_at }}>{t("events.all", { count: object.events_total })}</Link>
  );
  return (
    <Panel title={t("events.last")} extra={all}>
      <DataTable
        label={t("events.last")}
        rows={object.last_events}
        rowKey={(one) => one.event}
        columns={[
          { key: "time", title: t("events.time"), cell: (one) => one.time !== null && <EventTime object={object.object} event={one} time={one.time} /> },
          { key: "step", title: t("events.what"), cell: (one) => <What event={one} /> },
          { key: "place", title: t("events.place"), cell: (one) => one.place !== null && <NamedKey code={one.place} names={names} /> },
          { key: "way", title: t("object.byWayOf"), cell: (one) => one.by_way_of !== null && <ObjectLink code={one.by_way_of} names={names} knownAt={limits.known_at} /> },
          { key: "who", title: t("events.who"), cell: (one) => one.operator !== null && <NamedKey code={one.operator} names={names} /> },
          { key: "with", title: t("events.resources"), cell: (one) => one.resources.length > 0 && <ul className="plain-list">{one.resources.map((code) => <li key={code}><NamedKey code={code} names={names} fallback={shortOf(code)} /></li>)}</ul> },
        ]}
      />
    </Panel>
  );
}

/** Leads to the event on the timeline, where its raw bytes and its corrections are. */
function EventTime({ object, event, time }: { object: string; event: LastEvent; time: string }): ReactNode {
  return <Link to="/timeline" search={{ "var-object": [object], event: event.event }}><Time at={time} /></Link>;
}

function What({ event }: { event: LastEvent }): ReactNode {
  const wordOf = useWordOf();
  const step = event.activity === null ? wordOf("eventType", event.type ?? "") : wordOf("step", event.activity);
  return (
    <>
      {step}
      {event.result !== null && <> · <span className={event.result === "fail" ? "bad" : undefined}>{wordOf("result", event.result)}</span></>}
      {event.result === null && event.disposition !== null && <span className="muted"> · {wordOf("disposition", event.disposition)}</span>}
    </>
  );
}
