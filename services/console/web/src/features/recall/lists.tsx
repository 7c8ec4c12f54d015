/** Of the whole answer: who got what, what carries it, and where the walk could not go on. */
import { Button } from "antd";
import type { ReactNode } from "react";
import { useLanguage, useT, useWordOf } from "@/shared/i18n/language";
import { countText } from "@/shared/time/format";
import { DataTable, type Column } from "@/shared/ui/data-table";
import { Nothing } from "@/shared/ui/page";
import { Count, NamedKey, Quantity, StateTag } from "@/shared/ui/words";
import type { Answer } from "./api";
import { nameOf } from "./labels";
import { useChange } from "./state";
import { chosen, toggled, type View } from "./view";

interface Listed<Row> {
  label: string;
  rows: readonly Row[];
  /** The true number, where only the first are here. */
  total: number;
  none: string;
  rowKey: (row: Row) => string;
  columns: Column<Row>[];
}

function List<Row>({ total, none, ...table }: Listed<Row>): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  const shown = table.rows.length;
  if (shown === 0) return <Nothing title={none} />;
  return (
    <div className="recall-panel">
      {shown < total && <p className="recall-muted">{t("recall.list.first", { shown: countText(shown, language), all: countText(total, language) })}</p>}
      <DataTable<Row> {...table} />
    </div>
  );
}

export function Consignees({ view, answer }: { view: View; answer: Answer }): ReactNode {
  const t = useT();
  const change = useChange();
  const list = (party: string): void => {
    change({ ...(chosen(view, "consignee").includes(party) ? {} : toggled(view, "consignee", party)), tab: "objects" });
  };
  return (
    <List
      label={t("recall.tab.consignees")}
      rows={answer.consignees}
      total={answer.consignees_total}
      none={t("recall.consignees.none")}
      rowKey={(one) => one.party}
      columns={[
        { key: "party", title: t("recall.consignee"), cell: (one) => <NamedKey code={one.party} names={answer.names} /> },
        { key: "objects", title: t("recall.objects"), figures: true, cell: (one) => <Count of={one.objects} /> },
        {
          key: "got",
          title: t("recall.got"),
          cell: (one) => (
            <ul className="recall-got">
              {one.quantities.map((got) => <li key={`${got.product} ${got.unit}`}><NamedKey code={got.product} names={answer.names} /> <Quantity quantity={got.quantity} unit={got.unit} /></li>)}
            </ul>
          ),
        },
        { key: "list", title: t("recall.list"), cell: (one) => <Button size="small" onClick={() => { list(one.party); }}>{t("recall.list.show")}</Button> },
      ]}
    />
  );
}

export function Carriers({ answer }: { answer: Answer }): ReactNode {
  const t = useT();
  return (
    <>
      <p className="recall-muted tight">{t("recall.carriers.hint")}</p>
      <List
        label={t("recall.tab.carriers")}
        rows={answer.carriers}
        total={answer.carriers_total}
        none={t("recall.carriers.none")}
        rowKey={(one) => one.object}
        columns={[
          { key: "object", title: t("recall.carrier"), cell: (one) => <NamedKey code={one.object} names={answer.names} /> },
          { key: "holds", title: t("recall.holds"), figures: true, cell: (one) => <Count of={one.holds} /> },
          { key: "state", title: t("recall.state"), cell: (one) => <StateTag state={one.state} /> },
          { key: "place", title: t("recall.place"), cell: (one) => <NamedKey code={one.place ?? ""} names={answer.names} /> },
        ]}
      />
    </>
  );
}

export function Stops({ answer }: { answer: Answer }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  return (
    <List
      label={t("recall.tab.stops")}
      rows={answer.stopped_at}
      total={answer.stopped_at_total}
      none={t("recall.stops.none")}
      rowKey={(one) => one.object}
      columns={[
        { key: "object", title: t("recall.object"), cell: (one) => <><NamedKey code={one.object} names={answer.names} /> <span className="recall-muted">{nameOf(one.object, answer.names)}</span></> },
        { key: "reason", title: t("recall.reason"), cell: (one) => wordOf("recall.stop", one.reason.replaceAll(" ", "_")) },
      ]}
    />
  );
}
