/** Whether every store answers, and how far the projections are behind the log. */
import { CheckCircleOutlined, CloseCircleOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { Answer } from "@/shared/ui/answer";
import { Panel } from "@/shared/ui/panel";
import { Count } from "@/shared/ui/words";
import { readyQuery, type Ready } from "./api";

export function Health(): ReactNode {
  const t = useT();
  const ready = useQuery(readyQuery);
  return <Panel title={t("health.title")}><Answer query={ready} rows={4}>{(told) => <Told ready={told} />}</Answer></Panel>;
}

function Told({ ready }: { ready: Ready }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  return (
    <dl className="facts">
      {Object.entries(ready.stores).map(([store, verdict]) => (
        <div key={store}>
          <dt>{wordOf("store", store)}</dt>
          <dd>{verdict === "ok" ? <><CheckCircleOutlined className="good" /> {t("health.ok")}</> : <span className="bad"><CloseCircleOutlined /> <span lang="en">{verdict}</span></span>}</dd>
        </div>
      ))}
      <div><dt>{t("health.lag")}</dt><dd>{t("health.lag.events")} <Count of={ready.lag_events} /> · {t("health.lag.seconds", { seconds: ready.lag_seconds })}</dd></div>
    </dl>
  );
}
