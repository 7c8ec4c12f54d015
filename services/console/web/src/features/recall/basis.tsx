/** What the answer rests on, in a line: what was known when, how far the service is behind, doubtful clocks. */
import { WarningOutlined } from "@ant-design/icons";
import { Tooltip, Typography } from "antd";
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { Time } from "@/shared/ui/words";
import type { Answer } from "./api";
import type { View } from "./view";

export function Basis({ view, answer, acts }: { view: View; answer: Answer; acts: ReactNode }): ReactNode {
  const t = useT();
  const { basis } = answer;
  return (
    <div className="recall-basis">
      <Typography.Text type="secondary">
        {t("recall.basis.known")} <Time at={basis.known_at} />
        {view.happened_by !== undefined && <> · {t("recall.basis.happened")} <Time at={view.happened_by} /></>}
        {" · "}
        <Tooltip title={basis.position}><span>{t("recall.basis.rules", { rules: basis.rules })}</span></Tooltip>
        {basis.lag_events > 0 && <> · <WarningOutlined /> {t("recall.basis.lag", { count: basis.lag_events, seconds: basis.lag_seconds })}</>}
        {basis.not_projected > 0 && <> · <WarningOutlined /> {t("recall.basis.aside", { count: basis.not_projected })}</>}
        {answer.flags.length > 0 && <> · <WarningOutlined /> {t("recall.basis.clocks", { count: answer.flags.length })}</>}
      </Typography.Text>
      <div className="page-acts">{acts}</div>
    </div>
  );
}
