/** All that is known of one event: what it says, who recorded it, what corrected it and what it corrects, its seal, its bytes. */
import { DownloadOutlined, LockOutlined, UnlockOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Descriptions, Skeleton, Tag, Typography } from "antd";
import type { ReactNode } from "react";
import { ApiError } from "@/shared/api/problem";
import { save } from "@/shared/files/download";
import { useT, useWordOf } from "@/shared/i18n/language";
import { shortOf } from "@/shared/ui/keys";
import { ObjectLink } from "@/shared/ui/object-link";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { NamedKey, Quantity, Time } from "@/shared/ui/words";
import { rawQuery, wholeQuery } from "./api";
import { pretty } from "./pretty";
import { signsOf } from "./signs";
import type { Entry, Names } from "./types";
import { useView } from "./use-view";

interface Props {
  event: string;
  /** The entry, where it is among those loaded; else it is asked for. */
  entry: Entry | undefined;
  names: Names;
  actors: Names;
}

export function EventDetail({ event, entry, names, actors }: Props): ReactNode {
  const t = useT();
  const { search, change } = useView();
  const asked = useQuery(wholeQuery(event, search.known_at));
  const found = entry ?? asked.data?.event;
  const spoken = asked.data === undefined ? names : { ...names, ...asked.data.names };
  if (found === undefined) {
    if (!asked.isError) return <Skeleton active paragraph={{ rows: 4 }} />;
    if (!(asked.error instanceof ApiError) || asked.error.status !== 404) return <ProblemAlert error={asked.error} retry={() => { void asked.refetch(); }} />;
    return <Alert type="warning" showIcon title={t("timeline.event.none")} description={event} action={<Button size="small" onClick={() => { change({ event: undefined }); }}>{t("timeline.close")}</Button>} />;
  }
  return (
    <div className="tl-detail" data-testid="detail">
      {entry === undefined && (
        <Alert type="info" showIcon title={t("timeline.event.apart")} action={<Button size="small" onClick={() => { change({ event: undefined }); }}>{t("timeline.close")}</Button>} />
      )}
      <Standing entry={found} actors={actors} />
      <Facts entry={found} names={spoken} />
      <Recorded entry={found} actors={actors} />
      <Raw event={event} />
    </div>
  );
}

/** Corrections both ways, conflicts and flags. */
function Standing({ entry, actors }: { entry: Entry; actors: Names }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  if (signsOf(entry).length === 0) return null;
  return (
    <ul className="tl-standing">
      {entry.corrected_by.map((one) => (
        <li key={one.recorded}>
          <span className={one.effective ? "tl-badge withdrawn" : "tl-badge declared"}>{t(one.effective ? "timeline.sign.withdrawn" : "timeline.sign.declared")}</span>
          <Time at={one.recorded} /> · {actors[one.actor] ?? one.actor}
          {one.reason !== null && <> · {wordOf("reason", one.reason)}</>}
          {!one.effective && <> · {t("timeline.correction.void")}</>}
          {one.instead.length > 0 && <> · {t("timeline.correction.instead")} {one.instead.map((event) => <EventLink key={event} event={event} />)}</>}
        </li>
      ))}
      {entry.corrects.length > 0 && (
        <li><span className="tl-badge corrects">{t("timeline.sign.corrects")}</span>{t("timeline.correction.of")} {entry.corrects.map((event) => <EventLink key={event} event={event} />)}</li>
      )}
      {entry.conflicts > 0 && <li><span className="tl-badge conflict">{t("timeline.sign.conflict")}</span>{t("timeline.conflict.told", { count: entry.conflicts })}</li>}
      {entry.flags.map((one) => <li key={`${one.flag} ${one.because}`}><span className="tl-badge flag">{wordOf("flag", one.flag)}</span>{one.because}</li>)}
    </ul>
  );
}

function EventLink({ event }: { event: string }): ReactNode {
  const { change } = useView();
  return <Button type="link" size="small" className="code" onClick={() => { change({ event }); }}>{shortOf(event)}</Button>;
}

function Facts({ entry, names }: { entry: Entry; names: Names }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const keys = (codes: readonly string[]): ReactNode => codes.map((code) => <div key={code}><NamedKey code={code} names={names} /></div>);
  const items: [string, ReactNode][] = [
    [t("timeline.column.time"), <Time key="t" at={entry.time} />],
    [t("timeline.column.activity"), entry.activity === null ? null : wordOf("step", entry.activity)],
    [t("timeline.fact.type"), `${wordOf("eventType", entry.type)}${entry.action === null ? "" : ` · ${wordOf("action", entry.action)}`}`],
    [t("timeline.fact.disposition"), entry.disposition === null ? null : wordOf("disposition", entry.disposition)],
    [t("timeline.fact.result"), entry.result === null ? null : wordOf("result", entry.result)],
    [t("timeline.fact.readPoint"), entry.read_point === null ? null : <NamedKey code={entry.read_point} names={names} />],
    [t("timeline.fact.location"), entry.location === null ? null : <NamedKey code={entry.location} names={names} />],
    [t("timeline.field.resource"), entry.resources.length === 0 ? null : keys(entry.resources)],
    [t("timeline.field.operator"), entry.operator === null ? null : <NamedKey code={entry.operator} names={names} />],
    [t("timeline.field.document"), entry.documents.length === 0 ? null : entry.documents.map((one) => <div key={one.id}>{wordOf("documentType", one.type)} <NamedKey code={one.id} names={names} /></div>)],
    [t("timeline.fact.sources"), entry.sources.length === 0 ? null : entry.sources.map((one) => <div key={one.type + one.id}>{wordOf("partyType", one.type)} <NamedKey code={one.id} names={names} /></div>)],
    [t("timeline.fact.destinations"), entry.destinations.length === 0 ? null : entry.destinations.map((one) => <div key={one.type + one.id}>{wordOf("partyType", one.type)} <NamedKey code={one.id} names={names} /></div>)],
    [t("timeline.fact.byWay"), entry.by_way_of.length === 0 ? null : entry.by_way_of.map((one) => <div key={one.object}><NamedKey code={one.object} names={names} /> ← <NamedKey code={one.way} names={names} /></div>)],
  ];
  return (
    <>
      <Descriptions
        size="small" column={{ xs: 1, sm: 1, md: 2, lg: 3 }}
        items={items.filter(([, value]) => value !== null).map(([label, value]) => ({ key: label, label, children: value }))}
      />
      <Objects entry={entry} names={names} />
    </>
  );
}

const MOST = 50;

function Objects({ entry, names }: { entry: Entry; names: Names }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const { search, add } = useView();
  return (
    <ul className="tl-objects" aria-label={t("timeline.column.objects")}>
      {entry.objects.slice(0, MOST).map((one, n) => (
        <li key={`${one.object} ${one.role} ${n}`}>
          <span className="tl-muted">{wordOf("what", one.role)}</span> <ObjectLink code={one.object} names={names} knownAt={search.known_at} /> <Quantity quantity={one.quantity} unit={one.unit} />
          <Button type="link" size="small" onClick={() => { add({ field: "object", value: one.object, not: false }); }}>{t("timeline.filter.only")}</Button>
        </li>
      ))}
      {entry.objects.length > MOST && <li className="tl-muted">{t("timeline.more", { count: entry.objects.length - MOST })}</li>}
    </ul>
  );
}

/** Who recorded it and when, and whether a seal covers the record. */
function Recorded({ entry, actors }: { entry: Entry; actors: Names }): ReactNode {
  const t = useT();
  const { search } = useView();
  const query = useQuery(wholeQuery(entry.event, search.known_at));
  const record = query.data?.records.find((one) => one.recorded === entry.recorded);
  return (
    <Descriptions
      size="small" title={t("timeline.record")} column={{ xs: 1, sm: 1, md: 2, lg: 3 }}
      items={[
        { key: "actor", label: t("timeline.column.actor"), children: actors[entry.actor] ?? entry.actor },
        { key: "recorded", label: t("timeline.record.recorded"), children: <Time at={entry.recorded} /> },
        { key: "received", label: t("timeline.record.received"), children: <Time at={entry.received} /> },
        { key: "source", label: t("timeline.record.source"), children: entry.source },
        ...(entry.device === null ? [] : [{ key: "device", label: t("timeline.record.device"), children: entry.device }]),
        {
          key: "seal", label: t("timeline.record.seal"),
          children: query.isError
            ? <ProblemAlert error={query.error} />
            : record !== undefined && (
              <Tag icon={record.sealed ? <LockOutlined /> : <UnlockOutlined />} data-testid="seal">
                {t(record.sealed ? "timeline.record.sealed" : "timeline.record.unsealed")}
              </Tag>
            ),
        },
        ...(record === undefined ? [] : [
          { key: "place", label: t("timeline.record.place"), children: `${record.partition} / ${record.offset}` },
          { key: "content", label: t("timeline.record.content"), children: <Typography.Text className="code" copyable={{ text: record.content }}>{record.content.slice(0, 16)}…</Typography.Text> },
        ]),
        { key: "id", label: t("timeline.record.id"), children: <Typography.Text className="code" copyable>{entry.event}</Typography.Text> },
      ]}
    />
  );
}

/** The bytes as received; shown with line breaks, saved as they are. */
function Raw({ event }: { event: string }): ReactNode {
  const t = useT();
  const query = useQuery(rawQuery(event));
  if (query.isError) return <ProblemAlert error={query.error} retry={() => { void query.refetch(); }} />;
  if (query.data === undefined) return <Skeleton active title={false} paragraph={{ rows: 3 }} />;
  const { bytes, text, media } = query.data;
  const json = media.includes("json");
  return (
    <details className="tl-raw">
      <summary>{t("timeline.raw")}</summary>
      <Button
        size="small" icon={<DownloadOutlined />}
        onClick={() => { save(`event-${shortOf(event)}.${json ? "json" : "xml"}`, new Blob([bytes], { type: media })); }}
      >
        {t("timeline.raw.save", { bytes: bytes.byteLength })}
      </Button>
      <pre tabIndex={0} aria-label={t("timeline.raw")}>{json ? pretty(text) : text}</pre>
    </details>
  );
}
