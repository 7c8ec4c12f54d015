/** Making an account, and giving one other roles. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Checkbox, Form, Input } from "antd";
import type { ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { Dialog } from "@/shared/ui/dialog";
import { FormProblem } from "@/shared/ui/form-problem";
import { accountsQuery, changeAccount, makeAccount, rolesQuery, type Account, type Invitation, type Role } from "./api";

interface Props {
  /** None: a new one. */
  account: Account | null;
  close: () => void;
  invite: (invited: { name: string; invitation: Invitation }) => void;
}

interface Given {
  name: string;
  shown?: string;
  roles: Role[];
}

const FIELDS = ["name", "shown", "roles"] as const;

export function AccountForm({ account, close, invite }: Props): ReactNode {
  const t = useT();
  const [form] = Form.useForm<Given>();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: async (given: Given) => {
      if (account === null) return await makeAccount({ name: given.name, roles: given.roles, ...shownOf(given) });
      await changeAccount(account.id, { roles: given.roles, ...shownOf(given) });
      return null;
    },
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: accountsQuery.queryKey });
      close();
      if (made !== null) invite({ name: made.shown, invitation: made.invitation });
    },
  });
  return (
    <Dialog
      open
      title={account === null ? t("accounts.make") : t("accounts.edit.title", { name: account.shown })}
      okText={t(account === null ? "accounts.make.ok" : "act.save")}
      cancelText={t("act.cancel")}
      onCancel={close}
      onOk={() => { form.submit(); }}
      confirmLoading={save.isPending}
    >
      <Form<Given>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: account?.name, shown: account?.shown, roles: account?.roles ?? [] }}
        onFinish={(given) => { save.mutate(given); }}
      >
        {account === null && (
          <Form.Item name="name" label={t("accounts.name")} extra={t("accounts.name.about")} rules={[{ required: true, message: t("form.required") }]}>
            <Input autoComplete="off" maxLength={64} autoFocus />
          </Form.Item>
        )}
        <Form.Item name="shown" label={t("accounts.shown")} extra={t("accounts.shown.about")}>
          <Input autoComplete="off" maxLength={200} />
        </Form.Item>
        <Form.Item name="roles" label={t("accounts.roles")} rules={[{ required: true, message: t("accounts.roles.none") }]}>
          <RoleChoice />
        </Form.Item>
        {account !== null && <p className="muted small">{t("accounts.roles.ends")}</p>}
        <FormProblem form={form} error={save.error} fields={FIELDS} />
      </Form>
    </Dialog>
  );
}

function shownOf(given: Given): { shown?: string } {
  const shown = given.shown?.trim() ?? "";
  return shown === "" ? {} : { shown };
}

/** Each role with the rights that it gives. */
function RoleChoice(props: { value?: Role[]; onChange?: (roles: Role[]) => void; id?: string }): ReactNode {
  const wordOf = useWordOf();
  const roles = useQuery(rolesQuery).data ?? [];
  return (
    <Checkbox.Group<Role> {...props} className="choice">
      {roles.map((one) => (
        <Checkbox key={one.role} value={one.role}>
          {wordOf("role", one.role)}
          <span className="muted small"> {one.rights.map((right) => wordOf("right", right)).join(" · ")}</span>
        </Checkbox>
      ))}
    </Checkbox.Group>
  );
}
