/** The page on which people sign in. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Alert, Button, Card, Form, Input, Typography } from "antd";
import type { ReactNode } from "react";
import { answered, api, keepCsrf } from "@/shared/api/client";
import { sessionQuery, useSession } from "@/shared/api/session";
import { useT } from "@/shared/i18n/language";
import { ProblemAlert } from "@/shared/ui/problem-alert";

interface Given {
  name: string;
  password: string;
}

export function SignIn({ next }: { next: string }): ReactNode {
  const t = useT();
  const router = useRouter();
  const client = useQueryClient();
  const session = useSession();
  const signIn = useMutation({
    mutationFn: (given: Given) => answered(api.POST("/api/v1/session", { body: given })),
    onSuccess: async (begun) => {
      keepCsrf(begun.csrf ?? null);
      client.clear();
      client.setQueryData(sessionQuery.queryKey, begun);
      await router.navigate({ href: next });
    },
  });
  return (
    <main className="centre">
      <Card>
        <Typography.Title level={1} className="page-title">{t("signIn.title")} · {t("app.name")}</Typography.Title>
        {!session.has_accounts && <Alert type="info" showIcon title={t("signIn.first")} />}
        <Form<Given> layout="vertical" requiredMark={false} onFinish={(given) => { signIn.mutate(given); }} style={{ marginTop: 16 }}>
          <Form.Item name="name" label={t("signIn.name")} rules={[{ required: true }]}>
            <Input autoComplete="username" autoFocus maxLength={64} />
          </Form.Item>
          <Form.Item name="password" label={t("signIn.password")} rules={[{ required: true }]}>
            <Input.Password autoComplete="current-password" maxLength={1024} />
          </Form.Item>
          {signIn.isError && <ProblemAlert error={signIn.error} />}
          <Button type="primary" htmlType="submit" block loading={signIn.isPending} style={{ marginTop: 8 }}>{t("signIn.submit")}</Button>
        </Form>
        <Typography.Paragraph type="secondary" style={{ marginTop: 16, marginBottom: 0 }}>{t("signIn.forgot")}</Typography.Paragraph>
      </Card>
    </main>
  );
}
