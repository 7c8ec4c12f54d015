/** The projections made again from the log, by button while the service runs; on servers it is a command. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { Panel } from "@/shared/ui/panel";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { beginRebuild, systemQuery, type System } from "./api";
import { JobLine } from "./job-line";
import { newest } from "./model";

export function Rebuild({ system }: { system: System }): ReactNode {
  const t = useT();
  const client = useQueryClient();
  const begin = useMutation({ mutationFn: beginRebuild, onSettled: () => client.invalidateQueries({ queryKey: systemQuery.queryKey }) });
  const job = newest(system.jobs, "rebuild");
  const running = job?.state === "running";
  const byCall = system.rebuild === "call";
  return (
    <Panel
      title={t("rebuild.title")}
      extra={byCall && (
        <Popconfirm
          title={t("rebuild.ask")}
          description={<div className="asked">{t("rebuild.ask.what")}</div>}
          onConfirm={() => { begin.mutate(); }}
          okText={t("rebuild.begin")}
          cancelText={t("act.cancel")}
          disabled={running}
        >
          <Button size="small" loading={begin.isPending} disabled={running}>{t("rebuild.begin")}</Button>
        </Popconfirm>
      )}
    >
      <p className="muted small tight">{t("rebuild.about")}</p>
      {!byCall && <p className="muted small tight">{t("rebuild.command")} <code>stemma rebuild</code></p>}
      {begin.isError && <ProblemAlert error={begin.error} />}
      {job !== undefined && <JobLine job={job} />}
      {running && <p className="muted small tight">{t("rebuild.running", { done: job.done, total: job.total })}</p>}
    </Panel>
  );
}
