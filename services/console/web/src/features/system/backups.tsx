/** Backups while the service runs: how old the last one is, another one by button, and how one is brought back. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import type { ReactNode } from "react";
import { backupsQuery } from "@/shared/api/backups";
import { useLanguage, useT } from "@/shared/i18n/language";
import { agoText } from "@/shared/time/format";
import { Answer } from "@/shared/ui/answer";
import { DataTable } from "@/shared/ui/data-table";
import { Nothing } from "@/shared/ui/page";
import { Panel } from "@/shared/ui/panel";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { Count, Time } from "@/shared/ui/words";
import { beginBackup, systemQuery, type System } from "./api";
import { JobLine } from "./job-line";
import { newest, sizeText } from "./model";

const SHOWN = 5;

export function Backups({ system }: { system: System }): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  const client = useQueryClient();
  const job = newest(system.jobs, "backup");
  const backups = useQuery({ ...backupsQuery, queryKey: [...backupsQuery.queryKey, system.last_backup?.name ?? ""] });
  const begin = useMutation({ mutationFn: beginBackup, onSettled: () => client.invalidateQueries({ queryKey: systemQuery.queryKey }) });
  return (
    <Panel
      title={t("backup.title")}
      extra={<Button type="primary" size="small" loading={begin.isPending} disabled={job?.state === "running"} onClick={() => { begin.mutate(); }}>{t("backup.make")}</Button>}
    >
      <p className="tight">
        {system.last_backup === null ? t("backup.never") : <>{t("backup.last")} <time dateTime={system.last_backup.made}>{agoText(system.last_backup.made, Date.parse(system.now), language)}</time></>}
      </p>
      {begin.isError && <ProblemAlert error={begin.error} />}
      {job !== undefined && <JobLine job={job} />}
      <Answer query={backups} rows={2}>
        {(told) => (
          <>
            <DataTable
              label={t("backup.title")}
              rows={told.backups.slice(0, SHOWN)}
              rowKey={(one) => one.name}
              empty={<Nothing title={t("backup.none")} />}
              columns={[
                { key: "made", title: t("backup.when"), cell: (one) => <Time at={one.made} /> },
                { key: "records", title: t("log.records"), figures: true, cell: (one) => <Count of={one.records} /> },
                { key: "size", title: t("backup.size"), figures: true, cell: (one) => <span className="quantity">{sizeText(one.size)}</span> },
              ]}
            />
            <p className="muted small tight">{t("backup.folder")} <span className="code">{told.folder}</span></p>
            <p className="muted small tight">{t("backup.restore")} <code>stemma restore</code></p>
          </>
        )}
      </Answer>
    </Panel>
  );
}
