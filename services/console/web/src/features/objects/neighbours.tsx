/** One step of the genealogy each way, with how many there are, and the way on to the recall explorer. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { Answer } from "@/shared/ui/answer";
import { ObjectLink } from "@/shared/ui/object-link";
import { Panel } from "@/shared/ui/panel";
import { CertaintyTag, StateTag } from "@/shared/ui/words";
import { NEAR, neighboursQuery, type Limits, type Trace } from "./api";

export function Neighbours({ object, limits }: { object: string; limits: Limits }): ReactNode {
  const t = useT();
  return (
    <Panel title={t("near.title")}>
      <div className="stack">
        <Way title={t("near.backward")} direction="backward" object={object} limits={limits} />
        <Way title={t("near.forward")} direction="forward" object={object} limits={limits} />
      </div>
    </Panel>
  );
}

interface Props {
  title: string;
  direction: "forward" | "backward";
  object: string;
  limits: Limits;
}

function Way({ title, direction, object, limits }: Props): ReactNode {
  const near = useQuery(neighboursQuery(object, direction, limits));
  return (
    <section>
      <h3 className="small muted tight">{title}</h3>
      <Answer query={near} rows={2}>{(trace) => <Step trace={trace} direction={direction} object={object} limits={limits} />}</Answer>
    </section>
  );
}

function Step({ trace, direction, object, limits }: Omit<Props, "title"> & { trace: Trace }): ReactNode {
  const t = useT();
  // the object itself is among them
  const total = Math.max(0, trace.totals.objects - 1);
  const near = trace.objects.filter((one) => one.depth > 0).slice(0, NEAR);
  if (total === 0) return <p className="tight">{t(direction === "forward" ? "near.unused" : "near.noOrigin")}</p>;
  return (
    <ul className="plain-list near">
      {near.map((one) => (
        <li key={one.object} className="row">
          <ObjectLink code={one.object} names={trace.names} knownAt={limits.known_at} />
          <CertaintyTag certainty={one.certainty} />
          <StateTag state={one.state} />
        </li>
      ))}
      <li>
        <Link to="/recall" search={{ object: [object], direction, ...limits }}>
          {total > near.length ? t("near.all", { count: total, shown: near.length }) : t("near.on")}
        </Link>
      </li>
    </ul>
  );
}
