/** How the service is, for whoever runs it. Restoring is a command into an empty folder, never a button. */
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { Needs, Page } from "@/shared/ui/page";
import { Health } from "./health";
import { NotProjected } from "./not-projected";

export function System(): ReactNode {
  const t = useT();
  return (
    <Page title={t("nav.system")}>
      <Needs right="operate">
        <div className="columns">
          <Health />
          <NotProjected />
        </div>
      </Needs>
    </Page>
  );
}
