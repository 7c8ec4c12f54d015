import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { Page } from "@/shared/ui/page";

export function System(): ReactNode {
  const t = useT();
  return <Page title={t("nav.system")}>{null}</Page>;
}
