/** How old the last backup is, for whoever runs the service. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { backupsQuery } from "@/shared/api/backups";
import { useLanguage, useT } from "@/shared/i18n/language";
import { agoText } from "@/shared/time/format";

export function LastBackup(): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  const told = useQuery(backupsQuery);
  if (told.data === undefined) return null;
  const last = told.data.backups[0];
  return (
    <p className="muted small tight">
      <Link to="/system">{t("home.backup")}</Link>{" "}
      {last === undefined ? t("home.backup.never") : <time dateTime={last.made}>{agoText(last.made, told.dataUpdatedAt, language)}</time>}
    </p>
  );
}
