/** Of the whole answer: who got what, what carries it, and where the walk could not go on. */
import { Button, Table, type TableProps } from "antd";
import type { ReactNode } from "react";
import { useLanguage, useT, useWordOf } from "@/shared/i18n/language";
import { countText } from "@/shared/time/format";
import { Nothing } from "@/shared/ui/page";
import { Count, NamedKey, Quantity, StateTag } from "@/shared/ui/words";
import type { Answer } from "./api";
import { nameOf } from "./labels";
import { useChange } from "./state";
import { chosen, toggled, type View } from "./view";

/** A list with the true number where only its first are here. */
function List<Row extends object>({ rows, total, none, ...table }: { rows: Row[]; total: number; none: string } & TableProps<Row>): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  if (rows.length === 0) return <Nothing title={none} />;
  return (
    <>
      {rows.length < total && <p className="recall-muted">{t("recall.list.first", { shown: countText(rows.length, language), all: countText(total, language) })}</p>}
      <Table<Row> {...table} dataSource={rows} size="small" pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false} scroll={{ x: "max-content" }} />
    </>
  );
}

export function Consignees({ view, answer }: { view: View; answer: Answer }): ReactNode {
  const t = useT();
  const change = useChange();
  return (
    <List
      rows={answer.consignees}
      total={answer.consignees_total}
      none={t("recall.consignees.none")}
      rowKey="party"
      columns={[
        { title: t("recall.consignee"), render: (_, one) => <NamedKey code={one.party} names={answer.names} /> },
        { title: t("recall.objects"), align: "right", render: (_, one) => <Count of={one.objects} /> },
        {
          title: t("recall.got"),
          render: (_, one) => (
            <ul className="recall-got">
              {one.quantities.map((got) => <li key={`${got.product} ${got.unit}`}><NamedKey code={got.product} names={answer.names} /> <Quantity quantity={got.quantity} unit={got.unit} /></li>)}
            </ul>
          ),
        },
        {
          title: t("recall.list"),
          render: (_, one) => (
            <Button
              size="small"
              onClick={() => { change({ ...(chosen(view, "consignee").includes(one.party) ? {} : toggled(view, "consignee", one.party)), tab: "objects" }); }}
            >
              {t("recall.list.show")}
            </Button>
          ),
        },
      ]}
    />
  );
}

export function Carriers({ answer }: { answer: Answer }): ReactNode {
  const t = useT();
  return (
    <>
      <p className="recall-muted">{t("recall.carriers.hint")}</p>
      <List
        rows={answer.carriers}
        total={answer.carriers_total}
        none={t("recall.carriers.none")}
        rowKey="object"
        columns={[
          { title: t("recall.carrier"), render: (_, one) => <NamedKey code={one.object} names={answer.names} /> },
          { title: t("recall.holds"), align: "right", render: (_, one) => <Count of={one.holds} /> },
          { title: t("recall.state"), render: (_, one) => <StateTag state={one.state} /> },
          { title: t("recall.place"), render: (_, one) => <NamedKey code={one.place ?? ""} names={answer.names} /> },
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
      rows={answer.stopped_at}
      total={answer.stopped_at_total}
      none={t("recall.stops.none")}
      rowKey="object"
      columns={[
        { title: t("recall.object"), render: (_, one) => <><NamedKey code={one.object} names={answer.names} /> <span className="recall-muted">{nameOf(one.object, answer.names)}</span></> },
        { title: t("recall.reason"), render: (_, one) => wordOf("recall.stop", one.reason.replaceAll(" ", "_")) },
      ]}
    />
  );
}
