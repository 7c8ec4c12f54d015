/** How far a piece of work is, and what came of it. */
import { CheckCircleOutlined, CloseCircleOutlined } from "@ant-design/icons";
import { Progress } from "antd";
import type { ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { Time } from "@/shared/ui/words";
import type { Job } from "./api";
import { percentOf } from "./model";

export function JobLine({ job }: { job: Job }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  if (job.state === "running") return <Progress percent={percentOf(job)} aria-label={t("job.running")} />;
  const good = job.state !== "failed" && job.good !== false;
  return (
    <div role="status">
      <p className="tight">
        {good ? <CheckCircleOutlined className="good" /> : <CloseCircleOutlined className="bad" />}
        {" "}{good ? wordOf("job.good", job.kind) : wordOf("job.bad", job.kind)} <Time at={job.ended} />
      </p>
      {job.lines.length > 0 && <pre className="raw" tabIndex={0}>{job.lines.join("\n")}</pre>}
    </div>
  );
}
