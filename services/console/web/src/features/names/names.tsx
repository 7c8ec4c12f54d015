/** What things are called, in both languages. Every change is a record of the log; answers of before keep the older name. */
import { PlusOutlined } from "@ant-design/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button, Input, Segmented, Tag } from "antd";
import { useState, type ReactNode } from "react";
import { useMay, useSession } from "@/shared/api/session";
import { useT, useWordOf } from "@/shared/i18n/language";
import { DataTable, type Column } from "@/shared/ui/data-table";
import { shortOf } from "@/shared/ui/keys";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { Loading, Needs, Nothing, Page } from "@/shared/ui/page";
import { Panel } from "@/shared/ui/panel";
import { CodeButton, Time, useUnit } from "@/shared/ui/words";
import { namesQuery, ownQuery, type Named } from "./api";
import { EVERY, KINDS } from "./model";
import { NameForm } from "./name-form";

/** The view, as its address has it. */
export interface View {
  of?: (typeof KINDS)[number] | undefined;
  q?: string | undefined;
}

export function Names({ view }: { view: View }): ReactNode {
  const t = useT();
  const [edited, edit] = useState<Named | "new" | null>(null);
  const may = useMay();
  const activities = useSession().me?.activities ?? [];
  const mayName = may("query") && EVERY.every((activity) => activities.includes(activity));
  return (
    <Page
      title={t("nav.names")}
      subtitle={t("names.about")}
      acts={mayName && <Button type="primary" icon={<PlusOutlined />} onClick={() => { edit("new"); }}>{t("names.make")}</Button>}
    >
      <Needs right="query">
        <List view={view} edit={mayName ? edit : null} />
        {edited !== null && <NameForm named={edited === "new" ? null : edited} close={() => { edit(null); }} />}
      </Needs>
    </Page>
  );
}

function List({ view, edit }: { view: View; edit: ((named: Named) => void) | null }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const navigate = useNavigate();
  const found = useInfiniteQuery(namesQuery(view.of, view.q ?? ""));
  const go = (next: View): void => { void navigate({ to: "/names", search: { ...view, ...next }, replace: true }); };
  return (
    <Panel
      title={t("names.list")}
      extra={<Input allowClear aria-label={t("names.find")} placeholder={t("names.find")} defaultValue={view.q} onChange={(event) => { go({ q: event.target.value === "" ? undefined : event.target.value }); }} />}
    >
      <div className="scrolls">
        <Segmented<string>
          aria-label={t("names.of")}
          value={view.of ?? "all"}
          onChange={(of) => { go({ of: KINDS.find((one) => one === of) }); }}
          options={[{ value: "all", label: t("names.all") }, ...KINDS.map((kind) => ({ value: kind, label: wordOf("namesOf", kind) }))]}
        />
      </div>
      {found.isPending && <Loading />}
      {found.isError && <ProblemAlert error={found.error} retry={() => { void found.refetch(); }} />}
      {found.data !== undefined && <Table names={found.data.pages.flatMap((page) => page.names)} edit={edit} />}
      {found.hasNextPage && <Button block loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>{t("act.more")}</Button>}
    </Panel>
  );
}

function Table({ names, edit }: { names: readonly Named[]; edit: ((named: Named) => void) | null }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const unitOf = useUnit();
  const own = new Set(useQuery(ownQuery).data);
  const columns: Column<Named>[] = [
    { key: "zh", title: t("names.zh"), cell: (one) => one.zh !== null && <strong lang="zh">{one.zh}</strong> },
    { key: "en", title: t("names.en"), cell: (one) => one.en !== null && <span lang="en">{one.en}</span> },
    { key: "of", title: t("names.of"), cell: (one) => wordOf("namesOf", one.kind) },
    { key: "code", title: t("names.code"), cell: (one) => <span className="named"><span className="small">{shortOf(one.id)}</span><CodeButton code={one.id} name={one.en ?? one.zh ?? shortOf(one.id)} /></span> },
    { key: "own", title: t("names.own"), cell: (one) => own.has(one.id) && <Tag color="blue">{t("names.own.yes")}</Tag> },
    { key: "more", title: t("names.more"), cell: (one) => (one.unit ?? one.contact ?? one.address) !== null && [one.unit === null ? null : unitOf(one.unit), one.contact, one.address].filter((text) => text !== null).join(" · ") },
    { key: "recorded", title: t("names.recorded"), cell: (one) => <span className="small muted"><Time at={one.recorded} /></span> },
  ];
  if (edit !== null) columns.push({ key: "acts", title: t("accounts.acts"), cell: (one) => <Button size="small" onClick={() => { edit(one); }}>{t("accounts.edit")}</Button> });
  return (
    <DataTable label={t("nav.names")} columns={columns} rows={names} rowKey={(one) => one.id} empty={<Nothing title={t("names.none")} fix={t("names.none.fix")} />} />
  );
}
