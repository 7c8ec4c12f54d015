/** Sign-ins, roles, keys, settings and exports on the same axis, for those with the right `audit`. */
import { useQuery } from "@tanstack/react-query";
import { App, Popover } from "antd";
import { useMemo, type ReactNode } from "react";
import { csvOf, saveText } from "@/shared/files/download";
import { useLanguage, useT, useWordOf } from "@/shared/i18n/language";
import { countText, timeText } from "@/shared/time/format";
import { inZone } from "@/shared/time/wall";
import { useZone } from "@/shared/time/zone";
import { AccessKinds } from "@/shared/ui/access-kinds";
import { accessQuery, everyAccess } from "./api";
import { clustered } from "./axis";
import { fileName } from "./files";
import { Asking, Panel } from "./panel";
import { useSurface } from "./surface";
import type { Access } from "./types";
import { useView } from "./use-view";

const MOST = 30;
const MEDIA = { csv: "text/csv", json: "application/json" } as const;
const COLUMNS = ["time", "kind", "actor", "actor_name", "subject", "subject_name", "address", "about", "id"];
const WRITTEN = {
  csv: (records: readonly Access[], zone: string): string =>
    csvOf(COLUMNS, records.map((one) => [inZone(one.time, zone), one.kind, one.actor, one.actor_name, one.subject, one.subject_name, one.address, JSON.stringify(one.about), one.id])),
  json: (records: readonly Access[], zone: string): string => JSON.stringify(records.map((one) => ({ ...one, time: inZone(one.time, zone) })), null, 1),
};

export function AccessStrip(): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  const { range, zone } = useSurface();
  const { message } = App.useApp();
  const { search, change } = useView();
  const kinds = search.access ?? [];
  const asked = { from: new Date(range.from).toISOString(), to: new Date(range.to).toISOString(), ...(kinds.length === 0 ? {} : { kind: kinds }) };
  const query = useQuery(accessQuery(asked));
  const records = query.data?.access ?? [];
  const take = (kind: "csv" | "json") => (): void => {
    everyAccess(asked).then((all) => { saveText(fileName("access", kind), WRITTEN[kind](all, zone), MEDIA[kind]); }, (error: unknown) => {
      void message.error(error instanceof Error ? error.message : String(error));
    });
  };
  const files = { csv: take("csv"), json: take("json") };
  const count = query.data === undefined ? null : `${countText(records.length, language)}${query.data.next === null ? "" : "+"}`;
  return (
    <Panel name="access" title="timeline.access" files={query.data === undefined ? undefined : files} extra={(
      <>
        {count !== null && t("timeline.access.count", { count })}{" "}
        <AccessKinds kinds={kinds} choose={(wanted) => { change({ access: wanted.length === 0 ? undefined : wanted }); }} />
      </>
    )}>
      <Asking query={query} rows={1}>{(answer) => <Strip records={answer.access} />}</Asking>
    </Panel>
  );
}

function Strip({ records }: { records: readonly Access[] }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const shared = useSurface();
  const groups = useMemo(() => clustered(shared, records, (one) => Date.parse(one.time), 20), [shared, records]);
  if (groups.length === 0) return null;
  return (
    <div className="tl-row">
      <div className="tl-gutter" style={{ width: shared.gutter }} />
      <div className="tl-strip" style={{ width: shared.width }}>
        {groups.map((group) => {
          const first = group.items[0];
          if (first === undefined) return null;
          const label = group.items.length > 1 ? t("timeline.here", { count: group.items.length }) : wordOf("access", first.kind);
          return (
            <Popover key={first.id} trigger="click" title={label} content={<Records records={group.items} />}>
              <button type="button" className="tl-sign at access" style={{ left: group.x }} aria-label={label}>{group.items.length > 1 ? (group.items.length > 99 ? "99+" : group.items.length) : "⚿"}</button>
            </Popover>
          );
        })}
      </div>
    </div>
  );
}

function Records({ records }: { records: readonly Access[] }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const zone = useZone();
  return (
    <ul className="tl-list">
      {records.slice(0, MOST).map((one) => (
        <li key={one.id}>
          <span className="tl-muted">{timeText(one.time, zone)}</span> <b>{wordOf("access", one.kind)}</b> {one.actor_name ?? one.actor}
          {one.subject !== null && one.subject !== one.actor && <> → {one.subject_name ?? one.subject}</>}
          {one.address !== null && <span className="tl-muted"> {one.address}</span>}
        </li>
      ))}
      {records.length > MOST && <li className="tl-muted">{t("timeline.more", { count: records.length - MOST })}</li>}
    </ul>
  );
}
