/** Small pieces that say the same thing the same way everywhere: a named key, a state, a certainty, a time, a count. */
import {
  CarOutlined, CheckCircleOutlined, CheckSquareOutlined, DatabaseOutlined, DeleteOutlined, ExperimentOutlined, NodeIndexOutlined, QuestionCircleOutlined,
  RollbackOutlined, SettingOutlined,
} from "@ant-design/icons";
import { Popover, Tag, Tooltip, Typography } from "antd";
import { useCallback, type ReactNode } from "react";
import { useLanguage, useT, useWordOf } from "@/shared/i18n/language";
import { countText, timeText } from "@/shared/time/format";
import { useZone } from "@/shared/time/zone";
import { shortOf } from "./keys";

const STATES: Record<string, { color: string; icon: ReactNode }> = {
  in_stock: { color: "green", icon: <DatabaseOutlined /> },
  in_process: { color: "geekblue", icon: <SettingOutlined /> },
  in_transit: { color: "orange", icon: <CarOutlined /> },
  delivered: { color: "volcano", icon: <CheckCircleOutlined /> },
  consumed: { color: "default", icon: <ExperimentOutlined /> },
  installed: { color: "purple", icon: <NodeIndexOutlined /> },
  destroyed: { color: "default", icon: <DeleteOutlined /> },
  returned: { color: "cyan", icon: <RollbackOutlined /> },
};

/** A state by colour, icon and word, so that it reads in grey too. */
export function StateTag({ state }: { state: string }): ReactNode {
  const wordOf = useWordOf();
  const shown = STATES[state] ?? { color: "default", icon: <QuestionCircleOutlined /> };
  return <Tag color={shown.color} icon={shown.icon} className="word-tag">{wordOf("status", state)}</Tag>;
}

/** The icon of a state alone, beside its word. */
export function StateIcon({ state }: { state: string }): ReactNode {
  return STATES[state]?.icon ?? <QuestionCircleOutlined />;
}

/** Certain is a full line, possible a dashed one. */
export function CertaintyTag({ certainty }: { certainty: string }): ReactNode {
  const wordOf = useWordOf();
  const sure = certainty === "certain";
  return (
    <Tag icon={sure ? <CheckSquareOutlined /> : <QuestionCircleOutlined />} className={sure ? "word-tag certain" : "word-tag possible"}>
      {wordOf("certainty", certainty)}
    </Tag>
  );
}

interface Named {
  code: string;
  names?: Record<string, string> | undefined;
  /** What is shown in place of the short form of the code where there is no name. */
  fallback?: ReactNode;
}

/** A key by its name where one is known, else its short form; the whole code is one click away. */
export function NamedKey({ code, names, fallback }: Named): ReactNode {
  const t = useT();
  if (code === "") return <Typography.Text type="secondary">{t("place.unknown")}</Typography.Text>;
  const name = names?.[code];
  return (
    <span className="named">
      <span>{name ?? fallback ?? shortOf(code)}</span>
      <CodeButton code={code} name={name ?? shortOf(code)} />
    </span>
  );
}

/** The whole code of what is called `name`, one click away. */
export function CodeButton({ code, name }: { code: string; name: string }): ReactNode {
  const t = useT();
  return (
    <Popover
      trigger="click"
      content={<Typography.Text copyable={{ tooltips: [t("code.copy"), t("code.copied")] }} className="code">{code}</Typography.Text>}
    >
      <button type="button" className="code-button" aria-label={`${t("code.show")} ${name}`}>#</button>
    </Popover>
  );
}

/** An instant in the reader's zone, with the exact text in its tooltip. */
export function Time({ at }: { at: string | null | undefined }): ReactNode {
  const zone = useZone();
  if (at == null) return null;
  return (
    <Tooltip title={at}>
      <time dateTime={at}>{timeText(at, zone)}</time>
    </Tooltip>
  );
}

export function Count({ of }: { of: number }): ReactNode {
  const { language } = useLanguage();
  return countText(of, language);
}

/** A quantity as the API gave it, never through a double. */
export function Quantity({ quantity, unit }: { quantity: string | null | undefined; unit?: string | null | undefined }): ReactNode {
  if (quantity == null) return null;
  return <span className="quantity">{quantity}{unit != null && <> <UnitName code={unit} /></>}</span>;
}

/** A unit of UN/CEFACT Rec. 20 by its name or sign; its code is one touch away. One that the catalogue has not stays its code. */
export function UnitName({ code }: { code: string }): ReactNode {
  const t = useT();
  const unitOf = useUnit();
  const name = unitOf(code);
  if (name === code) return <span>{code}</span>;
  return <Tooltip title={t("code.unit", { code })} trigger={["hover", "click"]}><span>{name}</span></Tooltip>;
}

/** The name or sign of a unit as text. */
export function useUnit(): (code: string | null | undefined) => string {
  const wordOf = useWordOf();
  return useCallback((code) => (code == null ? "" : wordOf("unit", code)), [wordOf]);
}
