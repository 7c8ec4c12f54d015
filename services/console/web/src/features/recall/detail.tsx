/** What is selected: what it is, where it is, who has it, why it is in the answer, and what to look at next. */
import { ApartmentOutlined, CloseOutlined, FieldTimeOutlined, ProfileOutlined, SwapOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button, Typography } from "antd";
import type { ReactNode } from "react";
import { useMay } from "@/shared/api/session";
import { useT, useWordOf } from "@/shared/i18n/language";
import { shortOf } from "@/shared/ui/keys";
import { CertaintyTag, CodeButton, NamedKey, StateTag, Time } from "@/shared/ui/words";
import { neighboursQuery, type Affected, type Answer, type Asked } from "./api";
import { nameOf, type Names } from "./labels";
import { PathTold } from "./path-told";
import { useAsk, useChange } from "./state";
import { directionOf, type View } from "./view";

interface Props {
  view: View;
  asked: Asked;
  pages: readonly Answer[];
  selected: string;
  onClose: () => void;
}

export function Detail({ view, asked, pages, selected, onClose }: Props): ReactNode {
  const t = useT();
  const { found, names } = useSelected(view, asked, pages, selected);
  const name = nameOf(selected, names);
  return (
    <div className="recall-detail-in">
      <div className="recall-detail-head">
        <div>
          <Typography.Title level={2} className="recall-detail-name" tabIndex={-1}>{shortOf(selected)} <CodeButton code={selected} name={shortOf(selected)} /></Typography.Title>
          {name !== null && <Typography.Text type="secondary">{name}</Typography.Text>}
        </div>
        <Button type="text" icon={<CloseOutlined />} aria-label={t("recall.detail.close")} onClick={onClose} />
      </div>
      {found !== undefined && <Facts found={found.row} listed={found.listed} names={names} />}
      <PathTold asked={asked} to={selected} names={names} />
      <Acts view={view} selected={selected} />
    </div>
  );
}

/** The selected object from the pages here, else asked for by itself; then its certainty is not of this question. */
function useSelected(view: View, asked: Asked, pages: readonly Answer[], selected: string): { found: { row: Affected; listed: boolean } | undefined; names: Names } {
  const names = Object.assign({}, ...pages.map((page) => page.names)) as Record<string, string>;
  const row = pages.flatMap((page) => page.objects).find((one) => one.object === selected);
  const near = { object: selected, direction: asked.direction, known_at: view.known_at ?? null, happened_by: view.happened_by ?? null, limit: 1 };
  const alone = useQuery({ ...neighboursQuery(near), enabled: row === undefined });
  const other = alone.data?.objects.find((one) => one.object === selected);
  const all = { ...alone.data?.names, ...names };
  if (row !== undefined) return { found: { row, listed: true }, names: all };
  return { found: other === undefined ? undefined : { row: other, listed: false }, names: all };
}

function Facts({ found, listed, names }: { found: Affected; listed: boolean; names: Names }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const keys = (list: readonly string[]): ReactNode => <span className="recall-keys">{list.map((key) => <NamedKey key={key} code={key} names={names} />)}</span>;
  const items = [
    { label: t("recall.kind"), children: wordOf("kind", found.kind) },
    { label: t("recall.state"), children: <StateTag state={found.state} /> },
    ...(listed ? [{ label: t("recall.certainty"), children: <><CertaintyTag certainty={found.certainty} /> {t("recall.depth.at", { depth: found.depth })}</> }] : []),
    { label: t("recall.place"), children: <NamedKey code={found.place ?? ""} names={names} /> },
    ...(found.since === null ? [] : [{ label: t("recall.since"), children: <Time at={found.since} /> }]),
    ...(found.by_way_of === null ? [] : [{ label: t("recall.byWayOf"), children: <NamedKey code={found.by_way_of} names={names} /> }]),
    ...(found.carriers.length === 0 ? [] : [{ label: t("recall.carriers"), children: keys(found.carriers) }]),
    ...(found.consignees.length === 0 ? [] : [{ label: t("recall.consignees"), children: keys(found.consignees) }]),
    ...(found.possible_consignees.length === 0 ? [] : [{ label: t("recall.possibleConsignees"), children: keys(found.possible_consignees) }]),
    ...(found.flags.length === 0 ? [] : [{ label: t("recall.flags"), children: <ul className="tight">{found.flags.map((flag) => <li key={`${flag.flag} ${flag.event}`}>{flag.because}</li>)}</ul> }]),
  ];
  return <dl className="recall-facts">{items.map((item) => <div key={item.label}><dt>{item.label}</dt><dd>{item.children}</dd></div>)}</dl>;
}

function Acts({ view, selected }: { view: View; selected: string }): ReactNode {
  const t = useT();
  const ask = useAsk();
  const may = useMay();
  const change = useChange();
  const other = directionOf(view) === "forward" ? "backward" : "forward";
  return (
    <div className="recall-detail-acts">
      <Button icon={<ApartmentOutlined />} onClick={() => { change({ tab: "graph", focus: selected, open: undefined }); }}>{t("recall.act.focus")}</Button>
      <Button icon={<SwapOutlined />} onClick={() => { void ask([{ kind: "object", key: selected }], { direction: other, tab: undefined }); }}>
        {t(other === "forward" ? "recall.act.forward" : "recall.act.backward")}
      </Button>
      {may("query") && <To href={`/object?id=${encodeURIComponent(selected)}`} icon={<ProfileOutlined />}>{t("recall.act.object")}</To>}
      {may("query") && <To href={`/timeline?var-object=${encodeURIComponent(selected)}`} icon={<FieldTimeOutlined />}>{t("recall.act.timeline")}</To>}
    </div>
  );
}

/** A link to another room, whose question is its own. */
function To({ href, icon, children }: { href: string; icon: ReactNode; children: ReactNode }): ReactNode {
  const navigate = useNavigate();
  return (
    <Button
      href={href}
      icon={icon}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        void navigate({ href });
      }}
    >
      {children}
    </Button>
  );
}
