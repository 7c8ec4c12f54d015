/** The last events at a glance. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { Answer } from "@/shared/ui/answer";
import { Nothing } from "@/shared/ui/page";
import { ObjectLink } from "@/shared/ui/object-link";
import { Panel } from "@/shared/ui/panel";
import { NamedKey, Time } from "@/shared/ui/words";
import { lastEventsQuery, type Entry } from "./api";

export function LastEvents(): ReactNode {
  const t = useT();
  const last = useQuery(lastEventsQuery);
  return (
    <Panel title={t("home.last")} extra={<Link to="/timeline">{t("home.timeline")}</Link>}>
      <Answer query={last} rows={4}>
        {({ events, names }) => events.length === 0 ? <Nothing title={t("home.last.none")} fix={t("home.last.none.fix")} /> : (
          <ul className="plain-list lasts">{events.map((one) => <li key={one.event}><Line event={one} names={names} /></li>)}</ul>
        )}
      </Answer>
    </Panel>
  );
}

function Line({ event, names }: { event: Entry; names: Record<string, string> }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const [first, ...others] = event.objects;
  return (
    <>
      <span className="muted small"><Time at={event.time} /></span>
      <div className="row">
        <strong>{event.activity === null ? wordOf("eventType", event.type) : wordOf("step", event.activity)}</strong>
        {event.result !== null && <span className={event.result === "fail" ? "bad" : undefined}>{wordOf("result", event.result)}</span>}
        {first !== undefined && <ObjectLink code={first.object} names={names} />}
        {others.length > 0 && <span className="muted small">{t("list.more", { count: others.length })}</span>}
        {event.place !== null && <NamedKey code={event.place} names={names} />}
      </div>
    </>
  );
}
