/** The stream `access` for auditors: who came, who was turned away, who changed what may be done, what was taken out. */
import { CheckCircleOutlined, CloseCircleOutlined } from "@ant-design/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import type { ReactNode } from "react";
import type { AccessKind } from "@/shared/api/access";
import { useT, useWordOf } from "@/shared/i18n/language";
import { AccessKinds } from "@/shared/ui/access-kinds";
import { DataTable } from "@/shared/ui/data-table";
import { Loading, Nothing } from "@/shared/ui/page";
import { Panel } from "@/shared/ui/panel";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { Time } from "@/shared/ui/words";
import { accessQuery, actorsQuery, type Access } from "./api";
import { aboutOf } from "./model";

export function AccessRecord({ kind }: { kind: readonly AccessKind[] }): ReactNode {
  const t = useT();
  const navigate = useNavigate();
  const found = useInfiniteQuery(accessQuery(kind));
  return (
    <Panel title={t("people.access")} extra={<AccessKinds kinds={kind} choose={(wanted) => { void navigate({ to: "/people", search: { tab: "access", kind: wanted } }); }} />}>
      <p className="muted">{t("access.about")}</p>
      {found.isPending && <Loading />}
      {found.isError && <ProblemAlert error={found.error} retry={() => { void found.refetch(); }} />}
      {found.data !== undefined && <List rows={found.data.pages.flatMap((page) => page.access)} />}
      {found.hasNextPage && (
        <Button block loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>{t("act.more")}</Button>
      )}
    </Panel>
  );
}

function List({ rows }: { rows: readonly Access[] }): ReactNode {
  const t = useT();
  return (
    <DataTable
      label={t("people.access")}
      rows={rows}
      rowKey={(one) => one.id}
      empty={<Nothing title={t("access.none")} />}
      columns={[
        { key: "time", title: t("access.time"), cell: (one) => <Time at={one.time} /> },
        { key: "kind", title: t("access.kind"), cell: (one) => <Kind kind={one.kind} /> },
        { key: "actor", title: t("access.actor"), cell: (one) => <Actor actor={one.actor} name={one.actor_name} /> },
        { key: "subject", title: t("access.subject"), cell: (one) => one.subject !== null && <Actor actor={one.subject} name={one.subject_name} /> },
        { key: "address", title: t("access.address"), cell: (one) => one.address !== null && <span className="code small">{one.address}</span> },
        { key: "more", title: t("access.more"), cell: (one) => aboutOf(one).length > 0 && <About about={aboutOf(one)} /> },
      ]}
    />
  );
}

function Kind({ kind }: { kind: AccessKind }): ReactNode {
  const wordOf = useWordOf();
  const bad = kind === "sign_in_failed";
  return (
    <span className={bad ? "bad" : undefined}>
      {bad ? <CloseCircleOutlined /> : kind === "sign_in" && <CheckCircleOutlined />} {wordOf("access", kind)}
    </span>
  );
}

/** `local`, `system` and `unknown` have words of their own. */
function Actor({ actor, name }: { actor: string; name: string | null }): ReactNode {
  const wordOf = useWordOf();
  return <span title={actor}>{name ?? wordOf("actor", actor)}</span>;
}

function About({ about }: { about: ReturnType<typeof aboutOf> }): ReactNode {
  const wordOf = useWordOf();
  const actors = useQuery(actorsQuery).data ?? {};
  const told = (name: string, value: string): string => {
    if (name === "roles") return wordOf("role", value);
    if (name === "scopes") return wordOf("scope", value);
    return actors[value] ?? wordOf("way", value);
  };
  return (
    <ul className="plain-list small">
      {about.map(([name, values]) => (
        <li key={name}><span className="muted">{wordOf("about", name)}</span> {values.map((one) => told(name, one)).join(" · ")}</li>
      ))}
    </ul>
  );
}
