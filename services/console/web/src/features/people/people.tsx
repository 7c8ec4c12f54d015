import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { Page } from "@/shared/ui/page";

export function People(): ReactNode {
  const t = useT();
  return <Page title={t("nav.people")}>{null}</Page>;
}
