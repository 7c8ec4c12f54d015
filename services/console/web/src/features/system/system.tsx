/** The service itself, for whoever runs it. Restoring is a command into an empty folder, never a button. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { Answer } from "@/shared/ui/answer";
import { Needs, Page } from "@/shared/ui/page";
import { systemQuery } from "./api";
import { Backups } from "./backups";
import { Health } from "./health";
import { Log } from "./log";
import { NotProjected } from "./not-projected";
import { Rebuild } from "./rebuild";
import { Settings } from "./settings";
import { Storage } from "./storage";

export function System(): ReactNode {
  const t = useT();
  return <Page title={t("nav.system")}><Needs right="operate"><Told /></Needs></Page>;
}

function Told(): ReactNode {
  const told = useQuery(systemQuery);
  return (
    <Answer query={told}>
      {(system) => (
        <div className="stack">
          <div className="columns">
            <div className="stack">
              <Health system={system} />
              <NotProjected />
              <Rebuild system={system} />
            </div>
            <div className="stack">
              <Log system={system} />
              <Backups system={system} />
            </div>
          </div>
          <div className="columns">
            <Storage system={system} />
            <Settings settings={system.settings} />
          </div>
        </div>
      )}
    </Answer>
  );
}
