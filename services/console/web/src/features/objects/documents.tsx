/** Documents of an object's last events; each leads to everything that happened under it. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useT, useWordOf } from "@/shared/i18n/language";
import { shortOf } from "@/shared/ui/keys";
import { Panel } from "@/shared/ui/panel";
import { CodeButton } from "@/shared/ui/words";
import type { ObjectRead } from "./api";

export function Documents({ object }: { object: ObjectRead }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  if (object.documents.length === 0) return null;
  return (
    <Panel title={t("object.documents")}>
      <ul className="plain-list">
        {object.documents.map((one) => (
          <li key={`${one.type} ${one.id}`} className="row">
            <span className="muted">{wordOf("documentType", one.type)}</span>
            <Link to="/timeline" search={{ "var-document": [one.id] }}>{shortOf(one.id)}</Link>
            <CodeButton code={one.id} name={shortOf(one.id)} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
