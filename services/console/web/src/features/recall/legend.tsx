/** What colours, dashes and shapes mean. */
import type { ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { StateIcon } from "@/shared/ui/words";

const SHOWN = ["in_stock", "in_process", "in_transit", "delivered", "consumed", "installed", "destroyed", "returned"] as const;

export function Legend(): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  return (
    <ul className="recall-legend" aria-label={t("recall.legend")}>
      <li><span className="recall-key" /> {t("certainty.certain")}</li>
      <li><span className="recall-key recall-key-possible" /> {t("certainty.possible")}</li>
      <li><span className="recall-key recall-key-context" /> {t("recall.legend.context")}</li>
      <li><span className="recall-key-process" /> {t("recall.legend.process")}</li>
      {SHOWN.map((state) => <li key={state}><StateIcon state={state} /> {wordOf("status", state)}</li>)}
    </ul>
  );
}
