/** The evidence of what is shown: raw records, corrections, seals and a verifier in one ZIP. */
import { SafetyCertificateOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button, Tooltip } from "antd";
import type { ReactNode } from "react";
import { useMay } from "@/shared/api/session";
import { save } from "@/shared/files/download";
import { useT } from "@/shared/i18n/language";
import { evidenceOf } from "./api";
import { fileName } from "./files";
import type { Asked } from "./view";

export function EvidenceButton({ asked }: { asked: Asked }): ReactNode {
  const t = useT();
  const may = useMay();
  const { message } = App.useApp();
  const taking = useMutation({
    mutationFn: () => evidenceOf(asked),
    onSuccess: (file) => { save(fileName("evidence", "zip"), file); },
    onError: (error) => { void message.error(error.message); },
  });
  if (!may("export")) return null;
  return (
    <Tooltip title={t("timeline.evidence.about")}>
      <Button icon={<SafetyCertificateOutlined />} loading={taking.isPending} onClick={() => { taking.mutate(); }}>{t("timeline.evidence")}</Button>
    </Tooltip>
  );
}
