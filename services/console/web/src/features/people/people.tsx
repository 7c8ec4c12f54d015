/** Accounts, what roles give, keys, and the record of access: each for those who may see it. */
import { useNavigate } from "@tanstack/react-router";
import { Tabs } from "antd";
import type { ReactNode } from "react";
import { useMay, type Right } from "@/shared/api/session";
import { useT } from "@/shared/i18n/language";
import type { Key } from "@/shared/i18n/words";
import { Needs, Page } from "@/shared/ui/page";
import { AccessRecord } from "./access-record";
import { Accounts } from "./accounts";
import { Keys } from "./keys";
import { Roles } from "./roles";
import { TABS, type Tab, type View } from "./view";

const SHOWN: Record<Tab, { label: Key; right: Right | null }> = {
  accounts: { label: "people.accounts", right: "accounts" },
  roles: { label: "people.roles", right: null },
  keys: { label: "people.keys", right: "keys" },
  access: { label: "people.access", right: "audit" },
};

export function People({ view }: { view: View }): ReactNode {
  const t = useT();
  const may = useMay();
  const navigate = useNavigate();
  const open = TABS.filter((tab) => SHOWN[tab].right === null || may(SHOWN[tab].right));
  const rooms: Record<Tab, ReactNode> = {
    accounts: <Accounts />,
    roles: <Roles />,
    keys: <Keys />,
    access: <AccessRecord kind={view.kind ?? []} />,
  };
  const wanted = view.tab ?? open[0] ?? "roles";
  const right = SHOWN[wanted].right;
  return (
    <Page title={t("nav.people")}>
      <Tabs
        activeKey={wanted}
        onChange={(tab) => { void navigate({ to: "/people", search: { tab: TABS.find((one) => one === tab) } }); }}
        items={open.map((tab) => ({ key: tab, label: t(SHOWN[tab].label) }))}
      />
      {right === null ? rooms[wanted] : <Needs right={right}>{rooms[wanted]}</Needs>}
    </Page>
  );
}
