/** The log: how long each stream is, what of it is sealed, and a check against the seals by button. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { DataTable } from "@/shared/ui/data-table";
import { Panel } from "@/shared/ui/panel";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { Count } from "@/shared/ui/words";
import { beginVerify, systemQuery, type System } from "./api";
import { JobLine } from "./job-line";
import { newest } from "./model";

export function Log({ system }: { system: System }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const client = useQueryClient();
  const begin = useMutation({ mutationFn: beginVerify, onSettled: () => client.invalidateQueries({ queryKey: systemQuery.queryKey }) });
  const job = newest(system.jobs, "verify");
  return (
    <Panel
      title={t("log.title")}
      extra={<Button size="small" loading={begin.isPending} disabled={job?.state === "running"} onClick={() => { begin.mutate(); }}>{t("log.verify")}</Button>}
    >
      <DataTable
        label={t("log.title")}
        rows={system.streams}
        rowKey={(one) => `${one.stream} ${one.partition}`}
        columns={[
          { key: "stream", title: t("log.stream"), cell: (one) => `${wordOf("stream", one.stream)}${one.partition > 0 ? ` ${one.partition}` : ""}` },
          { key: "records", title: t("log.records"), figures: true, cell: (one) => <Count of={one.end + 1} /> },
          { key: "sealed", title: t("log.sealed"), figures: true, cell: (one) => one.sealed !== null && <Count of={one.sealed + 1} /> },
        ]}
      />
      <p className="muted small tight">{t("log.position")} <span className="code">{system.position}</span></p>
      {begin.isError && <ProblemAlert error={begin.error} />}
      {job !== undefined && <JobLine job={job} />}
    </Panel>
  );
}
