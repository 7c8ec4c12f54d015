/** What each role may do, as the service tells it. */
import { CheckOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { Answer } from "@/shared/ui/answer";
import { DataTable } from "@/shared/ui/data-table";
import { Panel } from "@/shared/ui/panel";
import { rolesQuery, type Role } from "./api";
import type { Right } from "@/shared/api/session";

const RIGHTS: readonly Right[] = ["capture", "query", "trace", "correct", "export", "audit", "keys", "accounts", "operate"];

interface Row {
  role: Role;
  rights: Right[];
  activities: string[];
}

export function Roles(): ReactNode {
  const t = useT();
  const roles = useQuery(rolesQuery);
  return (
    <Panel title={t("people.roles")}>
      <p className="muted">{t("roles.about")}</p>
      <Answer query={roles}>{(list) => <Table roles={list} />}</Answer>
      <dl className="terms">
        {RIGHTS.map((right) => <Meaning key={right} right={right} />)}
      </dl>
    </Panel>
  );
}

function Table({ roles }: { roles: readonly Row[] }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const all = Math.max(...roles.map((one) => one.activities.length));
  return (
    <DataTable
      label={t("people.roles")}
      rows={roles}
      rowKey={(one) => one.role}
      columns={[
        { key: "role", title: t("roles.role"), cell: (one) => <strong>{wordOf("role", one.role)}</strong> },
        ...RIGHTS.map((right) => ({ key: right, title: wordOf("right", right), cell: (one: Row) => <Given row={one} right={right} all={all} /> })),
      ]}
    />
  );
}

/** `all`: how many activities there are; who may capture fewer is told which. */
function Given({ row, right, all }: { row: Row; right: Right; all: number }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  if (!row.rights.includes(right)) return <span className="muted"><span aria-hidden>–</span><span className="heard">{t("roles.no")}</span></span>;
  if (right === "capture" && row.activities.length < all) return <span className="small">{row.activities.map((one) => wordOf("activity", one)).join(" · ")}</span>;
  return <CheckOutlined aria-label={t("roles.yes")} />;
}

function Meaning({ right }: { right: Right }): ReactNode {
  const wordOf = useWordOf();
  return <div><dt>{wordOf("right", right)}</dt><dd>{wordOf("rightFor", right)}</dd></div>;
}
