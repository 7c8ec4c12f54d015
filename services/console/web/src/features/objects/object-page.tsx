/** One object: what it is, where it is and by way of what, what it is made of and became, and what is doubtful about it. */
import { ApartmentOutlined, FieldTimeOutlined, NodeIndexOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link, Navigate } from "@tanstack/react-router";
import { Alert } from "antd";
import type { ReactNode } from "react";
import { ApiError } from "@/shared/api/problem";
import { useMay } from "@/shared/api/session";
import { useT, useWordOf } from "@/shared/i18n/language";
import { nameOf, shortOf } from "@/shared/ui/keys";
import { LinkButton } from "@/shared/ui/link-button";
import { Loading, Needs, Nothing, Page } from "@/shared/ui/page";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { CodeButton, NamedKey, Time } from "@/shared/ui/words";
import { objectQuery, type Limits, type ObjectRead } from "./api";
import { BalancePanel } from "./balance";
import { Contents } from "./contents";
import { Documents } from "./documents";
import { Events } from "./events";
import { Evidence } from "./evidence";
import { Inspections } from "./inspections";
import { Neighbours } from "./neighbours";
import { Whereabouts } from "./whereabouts";

/** The view, as its address has it. */
export interface View extends Limits {
  id?: string | undefined;
}

export function ObjectPage({ view }: { view: View }): ReactNode {
  const t = useT();
  const may = useMay();
  const { id } = view;
  if (id === undefined) return <Navigate to="/search" replace />;
  if (!may("query")) return <Page title={t("object.title")}><Needs right="query">{null}</Needs></Page>;
  return <Asked id={id} limits={{ known_at: view.known_at, happened_by: view.happened_by }} />;
}

function Asked({ id, limits }: { id: string; limits: Limits }): ReactNode {
  const t = useT();
  const found = useQuery(objectQuery(id, limits));
  if (found.data !== undefined) return <Shown object={found.data} limits={limits} />;
  return (
    <Page title={shortOf(id)}>
      {found.isPending ? <Loading /> : <Unknown error={found.error} id={id} limited={limits.known_at !== undefined || limits.happened_by !== undefined} retry={() => { void found.refetch(); }} />}
      {found.isError && <p><Link to="/search" search={{ q: id }}>{t("object.search")}</Link></p>}
    </Page>
  );
}

function Unknown({ error, id, limited, retry }: { error: unknown; id: string; limited: boolean; retry: () => void }): ReactNode {
  const t = useT();
  if (!(error instanceof ApiError) || error.status !== 404) return <ProblemAlert error={error} retry={retry} />;
  return <Nothing title={t("object.none", { id: shortOf(id) })} fix={t(limited ? "object.none.then" : "object.none.fix")} />;
}

function Shown({ object, limits }: { object: ObjectRead; limits: Limits }): ReactNode {
  const wordOf = useWordOf();
  const may = useMay();
  const { names } = object;
  const own = names[object.object];
  return (
    <Page
      title={own ?? shortOf(object.object)}
      subtitle={
        <span className="named">
          {wordOf("kind", object.kind)}
          {object.product !== null && object.product !== object.object && <> · {nameOf(object.product, names)}</>}
          {own !== undefined && <> · {shortOf(object.object)}</>}
          <CodeButton code={object.object} name={shortOf(object.object)} />
        </span>
      }
      acts={<Acts object={object.object} limits={limits} />}
    >
      <div className="stack">
        <AsOf object={object} limits={limits} />
        <Doubts object={object} />
        <div className="columns">
          <div className="stack">
            <Whereabouts object={object} limits={limits} />
            <BalancePanel object={object} />
            <Contents object={object} limits={limits} />
          </div>
          <div className="stack">
            {may("trace") && <Neighbours object={object.object} limits={limits} />}
            <Inspections object={object} />
            <Documents object={object} />
          </div>
        </div>
        <Events object={object} limits={limits} />
      </div>
    </Page>
  );
}

function Acts({ object, limits }: { object: string; limits: Limits }): ReactNode {
  const t = useT();
  const may = useMay();
  return (
    <>
      {may("trace") && (
        <>
          <LinkButton color="primary" variant="solid" icon={<NodeIndexOutlined />} to="/recall" search={{ object: [object], direction: "forward", ...limits }}>{t("object.forward")}</LinkButton>
          <LinkButton icon={<ApartmentOutlined />} to="/recall" search={{ object: [object], direction: "backward", ...limits }}>{t("object.backward")}</LinkButton>
        </>
      )}
      <LinkButton icon={<FieldTimeOutlined />} to="/timeline" search={{ "var-object": [object], known_at: limits.known_at }}>{t("nav.timeline")}</LinkButton>
      {may("export") && <Evidence object={object} limits={limits} />}
    </>
  );
}

function AsOf({ object, limits }: { object: ObjectRead; limits: Limits }): ReactNode {
  const t = useT();
  if (limits.known_at === undefined && limits.happened_by === undefined) return null;
  return (
    <Alert
      type="info"
      showIcon
      title={
        <>
          {limits.known_at !== undefined && <>{t("object.knownAt")} <Time at={limits.known_at} /> </>}
          {limits.happened_by !== undefined && <>{t("object.happenedBy")} <Time at={limits.happened_by} /></>}
        </>
      }
      action={<Link to="/object" search={{ id: object.object }}>{t("object.now")}</Link>}
    />
  );
}

/** What is surprising about the record, each with the event it stands on. */
function Doubts({ object }: { object: ObjectRead }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  if (object.flags.length === 0) return null;
  return (
    <Alert
      type="warning"
      showIcon
      title={t("object.doubts")}
      description={
        <ul className="tight">
          {object.flags.map((one) => (
            <li key={`${one.flag} ${one.event}`}>
              <strong>{wordOf("flag", one.flag)}</strong> <span>{one.because}</span> <NamedKey code={one.event} fallback={t("object.event")} />
            </li>
          ))}
        </ul>
      }
    />
  );
}
