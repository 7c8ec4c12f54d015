import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { Page } from "@/shared/ui/page";

export function Me(): ReactNode {
  const t = useT();
  return <Page title={t("user.me")}>{null}</Page>;
}
