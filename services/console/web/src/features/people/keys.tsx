/** API keys: for programs and scanners. A key is shown once, when it is made. */
import { PlusOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Form, Input, Popconfirm, Tag } from "antd";
import { useState, type ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { Answer } from "@/shared/ui/answer";
import { DataTable } from "@/shared/ui/data-table";
import { Dialog } from "@/shared/ui/dialog";
import { FormProblem } from "@/shared/ui/form-problem";
import { Nothing } from "@/shared/ui/page";
import { Panel } from "@/shared/ui/panel";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { ShownOnce } from "@/shared/ui/shown-once";
import { Time } from "@/shared/ui/words";
import { keysQuery, makeKey, revokeKey, type Key, type Scope } from "./api";

const SCOPES: readonly Scope[] = ["capture", "read", "correct", "admin"];

export function Keys(): ReactNode {
  const t = useT();
  const keys = useQuery(keysQuery);
  const [making, make] = useState(false);
  return (
    <Panel
      title={t("people.keys")}
      extra={<Button type="primary" icon={<PlusOutlined />} onClick={() => { make(true); }}>{t("keys.make")}</Button>}
    >
      <p className="muted">{t("keys.about")}</p>
      <Answer query={keys}>{(list) => <List keys={list} />}</Answer>
      {making && <KeyForm close={() => { make(false); }} />}
    </Panel>
  );
}

function List({ keys }: { keys: readonly Key[] }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  return (
    <DataTable
      label={t("people.keys")}
      rows={keys}
      rowKey={(one) => one.id}
      empty={<Nothing title={t("keys.none")} fix={t("keys.none.fix")} />}
      columns={[
        { key: "name", title: t("keys.name"), cell: (one) => <><strong>{one.name}</strong><div className="muted small code">{one.id}</div></> },
        { key: "scopes", title: t("keys.scopes"), cell: (one) => <div className="row">{one.scopes.map((scope) => <Tag key={scope}>{wordOf("scope", scope)}</Tag>)}</div> },
        { key: "made", title: t("keys.made"), cell: (one) => <Time at={one.created} /> },
        { key: "acts", title: t("accounts.acts"), cell: (one) => <Revoke known={one} /> },
      ]}
    />
  );
}

function Revoke({ known }: { known: Key }): ReactNode {
  const t = useT();
  const { modal } = App.useApp();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeKey(known.id),
    onSuccess: () => client.invalidateQueries({ queryKey: keysQuery.queryKey }),
    onError: (error) => { modal.error({ title: t("state.error"), content: <ProblemAlert error={error} />, icon: null }); },
  });
  if (known.revoked !== null) return <span className="muted">{t("keys.revoked")} <Time at={known.revoked} /></span>;
  return (
    <Popconfirm
      title={t("keys.revoke.ask", { name: known.name })}
      description={t("keys.revoke.what")}
      onConfirm={() => { revoke.mutate(); }}
      okText={t("keys.revoke")}
      cancelText={t("act.cancel")}
    >
      <Button size="small" danger loading={revoke.isPending}>{t("keys.revoke")}</Button>
    </Popconfirm>
  );
}

interface Given {
  name: string;
  scopes: Scope[];
}

const FIELDS = ["name", "scopes"] as const;

function KeyForm({ close }: { close: () => void }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const [form] = Form.useForm<Given>();
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: (given: Given) => makeKey(given),
    onSuccess: () => client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  if (make.isSuccess) {
    return (
      <Dialog open title={make.data.name} footer={null} onCancel={close} mask={{ closable: false }}>
        <ShownOnce label={t("keys.key")} secret={make.data.key} note={t("keys.once")} />
      </Dialog>
    );
  }
  return (
    <Dialog open title={t("keys.make")} okText={t("keys.make.ok")} cancelText={t("act.cancel")} onCancel={close} onOk={() => { form.submit(); }} confirmLoading={make.isPending}>
      <Form<Given> form={form} layout="vertical" requiredMark={false} initialValues={{ scopes: [] }} onFinish={(given) => { make.mutate(given); }}>
        <Form.Item name="name" label={t("keys.name")} extra={t("keys.name.about")} rules={[{ required: true, message: t("form.required") }]}>
          <Input autoComplete="off" maxLength={200} autoFocus />
        </Form.Item>
        <Form.Item name="scopes" label={t("keys.scopes")} rules={[{ required: true, message: t("keys.scopes.none") }]}>
          <Checkbox.Group<Scope> className="choice">
            {SCOPES.map((scope) => (
              <Checkbox key={scope} value={scope}>
                {wordOf("scope", scope)} <span className="muted small">{wordOf("scopeFor", scope)}</span>
              </Checkbox>
            ))}
          </Checkbox.Group>
        </Form.Item>
        <FormProblem form={form} error={make.error} fields={FIELDS} />
      </Form>
    </Dialog>
  );
}
