/** Every account, and what an administrator does with it. Accounts are never deleted: records name who made them. */
import { PlusOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Popconfirm, Tag } from "antd";
import { useState, type ReactNode } from "react";
import { useSession } from "@/shared/api/session";
import { useT, useWordOf } from "@/shared/i18n/language";
import { Answer } from "@/shared/ui/answer";
import { DataTable } from "@/shared/ui/data-table";
import { Dialog } from "@/shared/ui/dialog";
import { Panel } from "@/shared/ui/panel";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { ShownOnce } from "@/shared/ui/shown-once";
import { Time } from "@/shared/ui/words";
import { AccountForm } from "./account-form";
import { accountsQuery, changeAccount, newLink, type Account, type Invitation } from "./api";
import { wholeLink } from "./model";

interface Invited {
  name: string;
  invitation: Invitation;
}

export function Accounts(): ReactNode {
  const t = useT();
  const accounts = useQuery(accountsQuery);
  const [edited, edit] = useState<Account | "new" | null>(null);
  const [invited, invite] = useState<Invited | null>(null);
  return (
    <Panel
      title={t("people.accounts")}
      extra={<Button type="primary" icon={<PlusOutlined />} onClick={() => { edit("new"); }}>{t("accounts.make")}</Button>}
    >
      <p className="muted">{t("accounts.about")}</p>
      <Answer query={accounts}>{(list) => <List accounts={list} edit={edit} invite={invite} />}</Answer>
      {edited !== null && <AccountForm account={edited === "new" ? null : edited} close={() => { edit(null); }} invite={invite} />}
      <Dialog
        open={invited !== null}
        title={t("link.title", { name: invited?.name ?? "" })}
        footer={null}
        onCancel={() => { invite(null); }}
        mask={{ closable: false }}
      >
        {invited !== null && (
          <ShownOnce label={t("link.label")} secret={wholeLink(globalThis.location.origin, invited.invitation.link)} note={t("link.note")} />
        )}
      </Dialog>
    </Panel>
  );
}

interface ListProps {
  accounts: readonly Account[];
  edit: (account: Account) => void;
  invite: (invited: Invited) => void;
}

function List({ accounts, edit, invite }: ListProps): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  return (
    <DataTable
      label={t("people.accounts")}
      rows={accounts}
      rowKey={(one) => one.id}
      columns={[
        { key: "shown", title: t("accounts.shown"), cell: (one) => <><strong>{one.shown}</strong><div className="muted small">{one.name}</div></> },
        { key: "roles", title: t("accounts.roles"), cell: (one) => <div className="row">{one.roles.map((role) => <Tag key={role}>{wordOf("role", role)}</Tag>)}</div> },
        { key: "state", title: t("accounts.state"), cell: (one) => <AccountState account={one} /> },
        { key: "made", title: t("accounts.made"), cell: (one) => <Time at={one.created} /> },
        { key: "acts", title: t("accounts.acts"), cell: (one) => <Acts account={one} edit={edit} invite={invite} /> },
      ]}
    />
  );
}

function AccountState({ account }: { account: Account }): ReactNode {
  const t = useT();
  if (account.disabled !== null) return <Tag color="default">{t("accounts.disabled")}</Tag>;
  if (!account.has_password) return <Tag color="orange">{t("accounts.invited")}</Tag>;
  return <Tag color="green">{t("accounts.good")}</Tag>;
}

function Acts({ account, edit, invite }: Omit<ListProps, "accounts"> & { account: Account }): ReactNode {
  const t = useT();
  const { modal } = App.useApp();
  const client = useQueryClient();
  const me = useSession().me?.actor === `account:${account.id}`;
  const fail = (error: unknown): void => { modal.error({ title: t("state.error"), content: <ProblemAlert error={error} />, icon: null, getContainer: false }); };
  const change = useMutation({
    mutationFn: (disabled: boolean) => changeAccount(account.id, { disabled }),
    onSuccess: () => client.invalidateQueries({ queryKey: accountsQuery.queryKey }),
    onError: fail,
  });
  const link = useMutation({
    mutationFn: () => newLink(account.id),
    onSuccess: (invitation) => { invite({ name: account.shown, invitation }); },
    onError: fail,
  });
  const off = account.disabled !== null;
  return (
    <div className="row">
      <Button size="small" onClick={() => { edit(account); }}>{t("accounts.edit")}</Button>
      {!off && (
        <Popconfirm title={t("link.ask")} description={t("link.ask.what")} onConfirm={() => { link.mutate(); }} okText={t("link.ok")} cancelText={t("act.cancel")}>
          <Button size="small" loading={link.isPending}>{t("link.make")}</Button>
        </Popconfirm>
      )}
      {off ? (
        <Button size="small" loading={change.isPending} onClick={() => { change.mutate(false); }}>{t("accounts.enable")}</Button>
      ) : (
        <Popconfirm
          title={t("accounts.disable.ask", { name: account.shown })}
          description={t(me ? "accounts.disable.me" : "accounts.disable.what")}
          onConfirm={() => { change.mutate(true); }}
          okText={t("accounts.disable")}
          cancelText={t("act.cancel")}
        >
          <Button size="small" danger loading={change.isPending}>{t("accounts.disable")}</Button>
        </Popconfirm>
      )}
    </div>
  );
}
