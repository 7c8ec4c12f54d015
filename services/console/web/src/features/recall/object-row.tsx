/** One affected object: a row of the table, or a card of two lines where the screen is narrow. */
import { WarningOutlined } from "@ant-design/icons";
import { Checkbox, Tooltip } from "antd";
import type { ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { shortOf } from "@/shared/ui/keys";
import { CertaintyTag, CodeButton, NamedKey, StateTag, Time } from "@/shared/ui/words";
import type { Affected } from "./api";
import { nameOf, type Names } from "./labels";
import { useChange } from "./state";
import type { View } from "./view";

interface Props {
  row: Affected;
  names: Names;
  view: View;
  ticking: boolean;
  /** Its place in the whole table, the head being the first. */
  index: number;
  selected: boolean;
  onSelect: () => void;
}

export function Columns({ narrow, ticking }: { narrow: boolean; ticking: boolean }): ReactNode {
  const t = useT();
  if (narrow) return <tr className="recall-unseen"><th scope="col">{t("recall.object")}</th></tr>;
  return (
    <tr>
      {ticking && <th scope="col" className="recall-tick">{t("recall.suspect")}</th>}
      <th scope="col">{t("recall.object")}</th>
      <th scope="col">{t("recall.certainty")}</th>
      <th scope="col" className="recall-number">{t("recall.depth")}</th>
      <th scope="col">{t("recall.state")}</th>
      <th scope="col">{t("recall.place")}</th>
      <th scope="col" className="recall-wider">{t("recall.consignees")}</th>
      <th scope="col" className="recall-widest">{t("recall.since")}</th>
    </tr>
  );
}

export function Row(props: Props): ReactNode {
  const { row, names, index, selected, ticking, onSelect } = props;
  return (
    <tr className={selected ? "recall-selected" : undefined} aria-rowindex={index} aria-selected={selected} onClick={onSelect}>
      {ticking && <td className="recall-tick"><Tick {...props} /></td>}
      <td className="recall-object"><Name {...props} /></td>
      <td><CertaintyTag certainty={row.certainty} /></td>
      <td className="recall-number">{row.depth}</td>
      <td><StateTag state={row.state} /></td>
      <td><NamedKey code={row.place ?? ""} names={names} /></td>
      <td className="recall-wider"><Sent {...props} /></td>
      <td className="recall-nowrap recall-widest"><Time at={row.since} /></td>
    </tr>
  );
}

export function Card(props: Props): ReactNode {
  const { row, names, index, selected, ticking, onSelect } = props;
  return (
    <tr className={selected ? "recall-selected recall-cardrow" : "recall-cardrow"} aria-rowindex={index} aria-selected={selected} onClick={onSelect}>
      <td>
        <div className="recall-cardline">{ticking && <Tick {...props} />}<Name {...props} /></div>
        <div className="recall-cardline"><CertaintyTag certainty={row.certainty} /><StateTag state={row.state} /></div>
        <div className="recall-cardline"><NamedKey code={row.place ?? ""} names={names} /></div>
      </td>
    </tr>
  );
}

/** The number first, as it stands on the label; what it is below. */
function Name({ row, names, onSelect }: Props): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const name = nameOf(row.object, names);
  return (
    <span className="recall-name">
      <span className="recall-name-line">
        <button type="button" className="recall-name-button" tabIndex={-1} onClick={onSelect}>{shortOf(row.object)}</button>
        <CodeButton code={row.object} name={shortOf(row.object)} />
        {row.flags.length > 0 && <Tooltip title={row.flags.map((flag) => flag.because).join("; ")}><WarningOutlined aria-label={t("recall.flags")} className="recall-flag" /></Tooltip>}
      </span>
      <small>{wordOf("kind", row.kind)}{name !== null && ` · ${name}`}</small>
    </span>
  );
}

function Sent({ row, names }: Props): ReactNode {
  const t = useT();
  if (row.consignees.length > 0) {
    const [one, ...others] = row.consignees;
    return <span className="recall-sent"><NamedKey code={one ?? ""} names={names} />{others.length > 0 && ` +${others.length}`}</span>;
  }
  return row.possible_consignees_total === 0 ? null : <span className="recall-muted">{t("recall.maybe", { count: row.possible_consignees_total })}</span>;
}

function Tick({ row, view }: Props): ReactNode {
  const t = useT();
  const change = useChange();
  const ticked = view.tick ?? [];
  const on = ticked.includes(row.object);
  return (
    <Checkbox
      checked={on}
      aria-label={t("recall.tick", { object: shortOf(row.object) })}
      onClick={(event) => { event.stopPropagation(); }}
      onChange={() => { change({ tick: on ? ticked.filter((one) => one !== row.object) : [...ticked, row.object] }, "replace"); }}
    />
  );
}
