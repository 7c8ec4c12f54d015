/** One entry of master data: names in both languages, unit, contact, and for places and parties whether it is one's own. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Form, Input, Switch } from "antd";
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { Dialog } from "@/shared/ui/dialog";
import { FormProblem } from "@/shared/ui/form-problem";
import { ownQuery, setName, type Named } from "./api";
import { canBeOwn, entryOf, type Given } from "./model";

interface Props {
  /** None: a new one. */
  named: Named | null;
  close: () => void;
}

const FIELDS = ["id", "zh", "en", "unit", "contact", "address", "own"] as const;

export function NameForm({ named, close }: Props): ReactNode {
  const t = useT();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [form] = Form.useForm<Given>();
  const own = useQuery(ownQuery).data ?? [];
  const isOwn = named !== null && own.includes(named.id);
  const save = useMutation({
    mutationFn: (given: Given) => setName(entryOf(given, named, isOwn)),
    onSuccess: async () => {
      // names stand in every answer, and what is at one's own place is in stock
      await client.invalidateQueries();
      void message.success(t("names.saved"));
      close();
    },
  });
  return (
    <Dialog
      open
      title={named === null ? t("names.make") : t("names.edit")}
      okText={t("act.save")}
      cancelText={t("act.cancel")}
      onCancel={close}
      onOk={() => { form.submit(); }}
      confirmLoading={save.isPending}
    >
      <Form<Given>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ id: named?.id, zh: named?.zh, en: named?.en, unit: named?.unit, contact: named?.contact, address: named?.address, own: isOwn }}
        onFinish={(given) => { save.mutate({ ...given, id: named?.id ?? given.id }); }}
      >
        {named === null ? (
          <Form.Item name="id" label={t("names.code")} extra={t("names.code.about")} rules={[{ required: true, message: t("form.required") }]}>
            <Input autoFocus maxLength={2048} className="code" />
          </Form.Item>
        ) : (
          <p className="code small muted">{named.id}</p>
        )}
        <Form.Item name="zh" label={t("names.zh")}><Input lang="zh" maxLength={200} /></Form.Item>
        <Form.Item name="en" label={t("names.en")}><Input lang="en" maxLength={200} /></Form.Item>
        {(named === null || !canBeOwn(named.kind)) && (
          <Form.Item name="unit" label={t("names.unit")} extra={t("names.unit.about")}><Input maxLength={20} /></Form.Item>
        )}
        <Form.Item name="contact" label={t("names.contact")}><Input maxLength={500} /></Form.Item>
        <Form.Item name="address" label={t("names.address")}><Input maxLength={500} /></Form.Item>
        {named !== null && canBeOwn(named.kind) && (
          <Form.Item name="own" label={t("names.own")} extra={t("names.own.about")} valuePropName="checked">
            <Switch />
          </Form.Item>
        )}
        <FormProblem form={form} error={save.error} fields={FIELDS} />
      </Form>
    </Dialog>
  );
}
