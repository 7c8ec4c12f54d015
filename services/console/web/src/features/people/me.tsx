/** One's own account: who one is, a new password, and an end to every session. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Popconfirm, Tag } from "antd";
import type { ReactNode } from "react";
import { keepCsrf } from "@/shared/api/client";
import { sessionQuery, useSession } from "@/shared/api/session";
import { useT, useWordOf } from "@/shared/i18n/language";
import { FormProblem } from "@/shared/ui/form-problem";
import { Nothing, Page } from "@/shared/ui/page";
import { Panel } from "@/shared/ui/panel";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { Time } from "@/shared/ui/words";
import { setPassword, signOutEverywhere } from "./api";

export function Me(): ReactNode {
  const t = useT();
  const session = useSession();
  const account = session.me?.kind === "account";
  return (
    <Page title={t("user.me")}>
      {account ? (
        <div className="columns">
          <Who />
          <div className="stack">
            <Panel title={t("me.password")}><Password /></Panel>
            <Panel title={t("me.sessions")}><Sessions /></Panel>
          </div>
        </div>
      ) : (
        <Nothing title={t("me.none")} fix={t("open.fix")} />
      )}
    </Page>
  );
}

function Who(): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const { me } = useSession();
  if (me == null) return null;
  return (
    <Panel title={me.shown ?? me.name ?? ""}>
      <dl className="facts">
        <div><dt>{t("signIn.name")}</dt><dd>{me.name}</dd></div>
        <div><dt>{t("accounts.roles")}</dt><dd className="row">{me.roles.map((role) => <Tag key={role}>{wordOf("role", role)}</Tag>)}</dd></div>
        <div>
          <dt>{t("me.rights")}</dt>
          <dd>
            <ul className="plain-list">
              {me.rights.map((right) => <li key={right}>{wordOf("right", right)} <span className="muted small">{wordOf("rightFor", right)}</span></li>)}
            </ul>
          </dd>
        </div>
      </dl>
    </Panel>
  );
}

interface Given {
  old: string;
  new: string;
}

const FIELDS = ["old", "new"] as const;

function Password(): ReactNode {
  const t = useT();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [form] = Form.useForm<Given>();
  const save = useMutation({
    mutationFn: (given: Given) => setPassword(given),
    onSuccess: (begun) => {
      keepCsrf(begun.csrf);
      client.setQueryData(sessionQuery.queryKey, begun);
      form.resetFields();
      void message.success(t("me.password.done"));
    },
  });
  return (
    <Form<Given> form={form} layout="vertical" requiredMark={false} onFinish={(given) => { save.mutate(given); }}>
      <Form.Item name="old" label={t("me.password.old")} rules={[{ required: true, message: t("form.required") }]}>
        <Input.Password autoComplete="current-password" maxLength={1024} />
      </Form.Item>
      <Form.Item name="new" label={t("me.password.new")} extra={t("me.password.about")} rules={[{ required: true, min: 10, message: t("me.password.short") }]}>
        <Input.Password autoComplete="new-password" maxLength={1024} />
      </Form.Item>
      <FormProblem form={form} error={save.error} fields={FIELDS} />
      <Button type="primary" htmlType="submit" loading={save.isPending}>{t("me.password.save")}</Button>
    </Form>
  );
}

function Sessions(): ReactNode {
  const t = useT();
  const session = useSession();
  const end = useMutation({
    mutationFn: signOutEverywhere,
    // the whole page anew: nothing that was seen stays in memory
    onSuccess: () => { globalThis.location.assign("/sign-in"); },
  });
  return (
    <div className="stack">
      <p className="tight">{t("me.sessions.about")} <span className="muted">{t("me.sessions.ends")} <Time at={session.ends} /></span></p>
      {end.isError && <ProblemAlert error={end.error} />}
      <div>
        <Popconfirm title={t("me.everywhere.ask")} onConfirm={() => { end.mutate(); }} okText={t("me.everywhere")} cancelText={t("act.cancel")}>
          <Button danger loading={end.isPending}>{t("me.everywhere")}</Button>
        </Popconfirm>
      </div>
    </div>
  );
}
