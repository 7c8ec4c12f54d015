/** The settings it runs with, as the service tells them: without secrets. They are changed by environment or file. */
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { DataTable } from "@/shared/ui/data-table";
import { Panel } from "@/shared/ui/panel";

export function Settings({ settings }: { settings: Record<string, string> }): ReactNode {
  const t = useT();
  return (
    <Panel title={t("settings.title")}>
      <p className="muted small tight">{t("settings.about")}</p>
      <details>
        <summary>{t("settings.show")}</summary>
        <DataTable
          label={t("settings.title")}
          rows={Object.entries(settings)}
          rowKey={([name]) => name}
          columns={[
            { key: "name", title: t("settings.name"), cell: ([name]) => <span className="code small">STEMMA_{name.toUpperCase()}</span> },
            { key: "value", title: t("settings.value"), cell: ([, value]) => value !== "" && <span className="code small">{value}</span> },
          ]}
        />
      </details>
    </Panel>
  );
}
