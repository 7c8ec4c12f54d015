/** Takes out the evidence of an object: raw events, corrections, seals, a readable page and a program that checks it all. */
import { FileZipOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button } from "antd";
import type { ReactNode } from "react";
import { save } from "@/shared/files/download";
import { useT } from "@/shared/i18n/language";
import { shortOf } from "@/shared/ui/keys";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { evidenceOf, type Limits } from "./api";

export function Evidence({ object, limits }: { object: string; limits: Limits }): ReactNode {
  const t = useT();
  const { modal } = App.useApp();
  const take = useMutation({
    mutationFn: () => evidenceOf(object, limits),
    onSuccess: (file) => { save(`evidence-${shortOf(object).replaceAll(/[^\p{L}\p{N}.-]+/gu, "_")}.zip`, file); },
    onError: (error) => { modal.error({ title: t("object.evidence.bad"), content: <ProblemAlert error={error} />, icon: null, getContainer: false }); },
  });
  return <Button icon={<FileZipOutlined />} loading={take.isPending} onClick={() => { take.mutate(); }}>{t("object.evidence")}</Button>;
}
