/** Inspections with what was measured against its limits; whether it passed is told by word and icon, not by colour alone. */
import { CheckCircleOutlined, CloseCircleOutlined, ExclamationCircleOutlined } from "@ant-design/icons";
import { Tag } from "antd";
import type { ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { nameOf, shortOf } from "@/shared/ui/keys";
import { DataTable } from "@/shared/ui/data-table";
import { Panel } from "@/shared/ui/panel";
import { NamedKey, Quantity, Time } from "@/shared/ui/words";
import type { Characteristic, Inspection, ObjectRead } from "./api";
import { verdictOf } from "./model";

export function Inspections({ object }: { object: ObjectRead }): ReactNode {
  const t = useT();
  if (object.inspections.length === 0) return null;
  return (
    <Panel title={t("object.inspections")}>
      <div className="stack">
        {object.inspections.map((one) => <One key={one.event} inspection={one} names={object.names} />)}
      </div>
    </Panel>
  );
}

const ICONS: Record<string, { icon: ReactNode; color: string }> = {
  pass: { icon: <CheckCircleOutlined />, color: "green" },
  fail: { icon: <CloseCircleOutlined />, color: "red" },
};

function One({ inspection, names }: { inspection: Inspection; names: Record<string, string> }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const shown = ICONS[inspection.result ?? ""] ?? { icon: <ExclamationCircleOutlined />, color: "orange" };
  return (
    <article>
      <div className="row">
        <Tag color={shown.color} icon={shown.icon}>{inspection.result === null ? t("inspection.open") : wordOf("result", inspection.result)}</Tag>
        <Time at={inspection.time} />
        {inspection.operator !== null && <NamedKey code={inspection.operator} names={names} />}
      </div>
      {inspection.characteristics.length > 0 && (
        <DataTable
          label={t("inspection.measured")}
          rows={inspection.characteristics}
          rowKey={(one) => `${one.name} ${String(one.value)}`}
          columns={[
            { key: "name", title: t("inspection.what"), cell: (one) => wordOf("measurement", nameOf(one.name, names)) },
            { key: "value", title: t("inspection.value"), cell: (one) => <Measured measured={one} /> },
            { key: "limits", title: t("inspection.limits"), cell: (one) => (one.low != null || one.high != null) && <span className="quantity">{one.low ?? "…"} – {one.high ?? "…"}</span> },
            { key: "gauge", title: t("inspection.gauge"), cell: (one) => one.instrument != null && <NamedKey code={one.instrument} names={names} fallback={shortOf(one.instrument)} /> },
          ]}
        />
      )}
    </article>
  );
}

function Measured({ measured }: { measured: Characteristic }): ReactNode {
  const wordOf = useWordOf();
  const verdict = verdictOf(measured);
  const out = verdict === "below" || verdict === "above";
  return (
    <span className={out ? "bad" : undefined}>
      {out && <CloseCircleOutlined />} <Quantity quantity={String(measured.value)} unit={measured.unit} />
      {out && <> {wordOf("limit", verdict)}</>}
    </span>
  );
}
