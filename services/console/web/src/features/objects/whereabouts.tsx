/** Where an object is, since when, by way of which container, and who was sent it. */
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { ObjectLink } from "@/shared/ui/object-link";
import { Panel } from "@/shared/ui/panel";
import { NamedKey, StateTag, Time } from "@/shared/ui/words";
import type { Limits, ObjectRead } from "./api";

const SHOWN = 12;

export function Whereabouts({ object, limits }: { object: ObjectRead; limits: Limits }): ReactNode {
  const t = useT();
  const { names } = object;
  const lots = object.lots.filter((lot) => lot !== object.object);
  const link = (code: string): ReactNode => <ObjectLink code={code} names={names} knownAt={limits.known_at} />;
  const party = (code: string): ReactNode => <NamedKey code={code} names={names} />;
  return (
    <Panel title={t("object.where")} extra={<Time at={object.since} />}>
      <dl className="facts">
        <div>
          <dt>{t("object.state")}</dt>
          <dd className="row"><StateTag state={object.state} /><NamedKey code={object.place ?? ""} names={names} /></dd>
        </div>
        {object.by_way_of !== null && <div><dt>{t("object.byWayOf")}</dt><dd>{link(object.by_way_of)}</dd></div>}
        <Several title={t("object.carriers")} codes={object.carriers} show={link} />
        <Several title={t("object.lots")} codes={lots} show={link} />
        {object.product !== null && object.product !== object.object && <div><dt>{t("kind.product")}</dt><dd>{link(object.product)}</dd></div>}
        <Several title={t("object.consignees")} codes={object.consignees} show={party} />
        <Several title={t("object.possibleConsignees")} codes={object.possible_consignees} show={party} />
      </dl>
    </Panel>
  );
}

function Several({ title, codes, show }: { title: string; codes: readonly string[]; show: (code: string) => ReactNode }): ReactNode {
  const t = useT();
  if (codes.length === 0) return null;
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        <ul className="plain-list">
          {codes.slice(0, SHOWN).map((code) => <li key={code}>{show(code)}</li>)}
          {codes.length > SHOWN && <li className="muted">{t("list.more", { count: codes.length - SHOWN })}</li>}
        </ul>
      </dd>
    </div>
  );
}
