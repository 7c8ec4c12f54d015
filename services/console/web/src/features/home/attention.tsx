/** What needs attention now, the worst first, each line leading to where it is looked at. */
import { CheckCircleOutlined, CloseCircleOutlined, ExclamationCircleOutlined, InfoCircleOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "@/shared/api/session";
import { useLanguage, useT, useWordOf } from "@/shared/i18n/language";
import { countText } from "@/shared/time/format";
import { Answer } from "@/shared/ui/answer";
import { Panel } from "@/shared/ui/panel";
import { Time } from "@/shared/ui/words";
import { attentionQuery, type Need } from "./api";
import { LastBackup } from "./last-backup";
import { lookOf } from "./model";

const ICONS: Record<Need["severity"], ReactNode> = {
  critical: <CloseCircleOutlined className="bad" />,
  warning: <ExclamationCircleOutlined className="warn" />,
  info: <InfoCircleOutlined />,
};

export function Attention(): ReactNode {
  const t = useT();
  const may = useMay();
  const asked = useQuery(attentionQuery);
  return (
    <Panel title={t("attention.title")} extra={asked.data !== undefined && <Time at={asked.data.now} />}>
      <Answer query={asked} rows={3}>
        {({ needs, unknown }) => (
          <>
            {needs.length === 0 && unknown.length === 0 && <p className="tight"><CheckCircleOutlined className="good" /> {t("attention.none")}</p>}
            <ul className="plain-list needs">
              {needs.map((need) => <li key={need.kind}>{ICONS[need.severity]}<Line need={need} /></li>)}
              {unknown.map((why) => <li key={why}>{ICONS.warning}<div>{t("attention.unknown")} <span className="muted">{why}</span></div></li>)}
            </ul>
            {may("operate") && <LastBackup />}
          </>
        )}
      </Answer>
    </Panel>
  );
}

function Line({ need }: { need: Need }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const { language } = useLanguage();
  const look = lookOf(need, useMay());
  const said = `${wordOf("need", need.kind)} ${t("attention.count", { count: countText(need.count, language) })}`;
  return (
    <div>
      <div>{look === null ? said : <Link {...look}>{said}</Link>}</div>
      <div className="muted small">
        {wordOf("needWhy", need.kind)}
        {need.about !== null && <> {need.about}</>}
        {need.last !== null && <> · {t("attention.last")} <Time at={need.last} /></>}
      </div>
    </div>
  );
}
