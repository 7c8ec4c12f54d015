/** What is in an object, what is and was built into it, and what it is or was built into, with the times. */
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { DataTable } from "@/shared/ui/data-table";
import { ObjectLink } from "@/shared/ui/object-link";
import { Panel } from "@/shared/ui/panel";
import { Count, Time } from "@/shared/ui/words";
import type { Limits, ObjectRead, Stay } from "./api";

const SHOWN = 50;

export function Contents({ object, limits }: { object: ObjectRead; limits: Limits }): ReactNode {
  const t = useT();
  const { names } = object;
  return (
    <>
      <Stays title={t("object.contents")} stays={object.contents} names={names} limits={limits} />
      <Stays title={t("object.parts")} stays={object.parts} names={names} limits={limits} />
      <Stays title={t("object.installedIn")} stays={object.installed_in} names={names} limits={limits} />
    </>
  );
}

interface Props {
  title: string;
  stays: readonly Stay[];
  names: Record<string, string>;
  limits: Limits;
}

function Stays({ title, stays, names, limits }: Props): ReactNode {
  const t = useT();
  if (stays.length === 0) return null;
  return (
    <Panel title={title} extra={<Count of={stays.length} />}>
      <DataTable
        label={title}
        rows={stays.slice(0, SHOWN)}
        rowKey={(stay) => `${stay.object} ${stay.since ?? ""}`}
        columns={[
          { key: "object", title: t("object.what"), cell: (stay) => <ObjectLink code={stay.object} names={names} knownAt={limits.known_at} /> },
          { key: "since", title: t("object.since"), cell: (stay) => stay.since !== null && <Time at={stay.since} /> },
          { key: "until", title: t("object.until"), cell: (stay) => (stay.until === null ? t("object.stillIn") : <Time at={stay.until} />) },
        ]}
      />
      {stays.length > SHOWN && <p className="muted small tight">{t("list.more", { count: stays.length - SHOWN })}</p>}
    </Panel>
  );
}
