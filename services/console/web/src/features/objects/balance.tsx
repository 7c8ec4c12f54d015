/** What came and went of a lot, as the events say it; every figure opens its events. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { Panel } from "@/shared/ui/panel";
import { Quantity } from "@/shared/ui/words";
import type { Balance, ObjectRead } from "./api";

const FIGURES = ["created", "received", "consumed", "shipped", "destroyed"] as const;

export function BalancePanel({ object }: { object: ObjectRead }): ReactNode {
  const t = useT();
  const { balance } = object;
  if (balance === null) return null;
  const shown = FIGURES.filter((figure) => balance.entries.some((entry) => entry.figure === figure));
  return (
    <Panel title={t("balance.title")}>
      <dl className="facts">
        {shown.map((figure) => <Figure key={figure} figure={figure} balance={balance} />)}
        <div className="sum"><dt>{t("balance.remaining")}</dt><dd><strong><Quantity quantity={balance.remaining} unit={balance.unit} /></strong></dd></div>
      </dl>
      <p className="muted small tight">
        {t("balance.about")} <Link to="/timeline" search={{ "var-object": [object.object] }}>{t("balance.events", { count: balance.entries.length })}</Link>
      </p>
    </Panel>
  );
}

function Figure({ figure, balance }: { figure: (typeof FIGURES)[number]; balance: Balance }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const entries = balance.entries.filter((entry) => entry.figure === figure);
  const unknown = entries.filter((entry) => entry.quantity === null).length;
  return (
    <div>
      <dt>{wordOf("balanceFigure", figure)}</dt>
      <dd className="row">
        <Quantity quantity={balance[figure]} unit={balance.unit} />
        {unknown > 0 && <span className="muted small">{t("balance.unknown", { count: unknown })}</span>}
      </dd>
    </div>
  );
}
