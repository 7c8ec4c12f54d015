import { Link } from "@tanstack/react-router";
import { Result } from "antd";
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";

export function NotFound(): ReactNode {
  const t = useT();
  return <Result status="404" title={t("state.notFound")} subTitle={t("state.notFound.fix")} extra={<Link to="/">{t("state.home")}</Link>} />;
}
