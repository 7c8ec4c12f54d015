/** What was found, by kind: its name, its number, and where it is looked at. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useWordOf } from "@/shared/i18n/language";
import { shortOf } from "@/shared/ui/keys";
import { Panel } from "@/shared/ui/panel";
import { CodeButton, Count } from "@/shared/ui/words";
import type { Found } from "./api";
import { grouped, whereOf } from "./model";

export function FoundList({ found }: { found: readonly Found[] }): ReactNode {
  const wordOf = useWordOf();
  return (
    <>
      {grouped(found).map(([kind, list]) => (
        <Panel key={kind} title={wordOf("kind", kind)} extra={<Count of={list.length} />}>
          <ul className="plain-list finds">
            {list.map((one) => <li key={one.id}><Find found={one} /></li>)}
          </ul>
        </Panel>
      ))}
    </>
  );
}

function Find({ found }: { found: Found }): ReactNode {
  const short = shortOf(found.id);
  return (
    <span className="named">
      <Link {...whereOf(found)}><strong>{found.name === null || found.product !== null ? short : found.name}</strong></Link>
      {found.name !== null && <span className="muted">{found.product === null ? short : found.name}</span>}
      <CodeButton code={found.id} name={short} />
    </span>
  );
}
