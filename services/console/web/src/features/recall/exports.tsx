/** The whole filtered list as a file, and the page for paper. */
import { DownloadOutlined, PrinterOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Dropdown } from "antd";
import { useState, type ReactNode } from "react";
import { useMay } from "@/shared/api/session";
import { useT } from "@/shared/i18n/language";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { save } from "@/shared/files/download";
import { download, FORMATS, type Answer, type Asked } from "./api";
import { PrintSheet } from "./print-sheet";
import { useSaying } from "./saying";
import type { Seed, View } from "./view";

type Format = keyof typeof FORMATS;

interface Props {
  view: View;
  asked: Asked;
  answer: Answer;
  seeds: readonly Seed[];
}

export function Exports({ view, asked, answer, seeds }: Props): ReactNode {
  const t = useT();
  const may = useMay();
  const saying = useSaying(view, asked, answer);
  const [printing, print] = useState(false);
  // what was known to the answer on the page, so that the file has the same totals
  const same: Asked = { ...asked, question: { ...asked.question, known_at: answer.basis.known_at } };
  const get = useMutation({
    mutationFn: async (format: Format) => { save(`${saying.file}.${format}`, await download(same, format)); },
  });
  return (
    <>
      {may("export") && (
        <Dropdown
          trigger={["click"]}
          menu={{ items: (Object.keys(FORMATS) as Format[]).map((format) => ({ key: format, label: t(`recall.export.${format}`), onClick: () => { get.mutate(format); } })) }}
        >
          <Button type="primary" icon={<DownloadOutlined />} loading={get.isPending}>{t("recall.export")}</Button>
        </Dropdown>
      )}
      <Button icon={<PrinterOutlined />} loading={printing} onClick={() => { print(true); }}>{t("recall.print")}</Button>
      {printing && <PrintSheet view={view} asked={asked} seeds={seeds} onDone={() => { print(false); }} />}
      {get.isError && <ProblemAlert error={get.error} />}
    </>
  );
}
