/** Whether every store answers, and how far each projection is behind the log. */
import { CheckCircleOutlined, CloseCircleOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { kindOfTitle } from "@/shared/api/problem";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { Panel } from "@/shared/ui/panel";
import { Count, Time } from "@/shared/ui/words";
import { readyQuery, type System } from "./api";

export function Health({ system }: { system: System }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const ready = useQuery(readyQuery);
  return (
    <Panel title={t("health.title")} extra={<Time at={system.now} />}>
      {ready.isError && <ProblemAlert error={ready.error} />}
      <dl className="facts">
        {Object.entries(ready.data?.stores ?? {}).map(([store, verdict]) => (
          <div key={store}><dt>{wordOf("store", store)}</dt><dd><Verdict verdict={verdict} /></dd></div>
        ))}
        {system.projections.map((one) => (
          <div key={one.name}>
            <dt>{t("health.behind", { store: wordOf("store", one.name) })}</dt>
            <dd><Count of={one.behind} /> {t("health.records")}</dd>
          </div>
        ))}
        <div><dt>{t("health.lag")}</dt><dd>{t("health.lag.seconds", { seconds: system.lag_seconds })}</dd></div>
        <div><dt>{t("health.version")}</dt><dd className="code">{system.version} · Python {system.python}</dd></div>
      </dl>
    </Panel>
  );
}

function Verdict({ verdict }: { verdict: string }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  if (verdict === "ok") return <><CheckCircleOutlined className="good" /> {t("health.ok")}</>;
  return <span className="bad"><CloseCircleOutlined /> {wordOf("problemTitle", kindOfTitle(verdict))}</span>;
}
