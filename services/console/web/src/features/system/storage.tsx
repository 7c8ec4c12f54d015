/** Files of the data folder and how much room there is. */
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { DataTable } from "@/shared/ui/data-table";
import { Panel } from "@/shared/ui/panel";
import type { System } from "./api";
import { sizeText } from "./model";

export function Storage({ system }: { system: System }): ReactNode {
  const t = useT();
  return (
    <Panel title={t("storage.title")} extra={t("storage.free", { size: sizeText(system.disk_free) })}>
      <DataTable
        label={t("storage.title")}
        rows={system.files}
        rowKey={(one) => one.name}
        columns={[
          { key: "name", title: t("storage.file"), cell: (one) => <span className="code small">{one.name}</span> },
          { key: "size", title: t("backup.size"), figures: true, cell: (one) => <span className="quantity">{sizeText(one.size)}</span> },
        ]}
      />
    </Panel>
  );
}
