/** Events that are in the log and in no answer, with the reason of each. */
import { CheckCircleOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { Answer } from "@/shared/ui/answer";
import { DataTable } from "@/shared/ui/data-table";
import { Panel } from "@/shared/ui/panel";
import { Count } from "@/shared/ui/words";
import { notProjectedQuery } from "./api";

export function NotProjected(): ReactNode {
  const t = useT();
  const found = useQuery(notProjectedQuery);
  return (
    <Panel title={t("aside.title")} extra={found.data !== undefined && <Count of={found.data.total} />}>
      <Answer query={found} rows={2}>
        {({ events }) => (
          <DataTable
            label={t("aside.title")}
            rows={events}
            rowKey={(one) => `${one.partition} ${one.offset}`}
            empty={<p className="tight"><CheckCircleOutlined className="good" /> {t("aside.none")}</p>}
            columns={[
              { key: "event", title: t("aside.event"), cell: (one) => <span className="code small">{one.event}</span> },
              { key: "where", title: t("aside.where"), cell: (one) => `${one.partition}:${one.offset}` },
              { key: "why", title: t("aside.why"), cell: (one) => one.reason },
            ]}
          />
        )}
      </Answer>
    </Panel>
  );
}
