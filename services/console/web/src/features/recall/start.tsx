/** Nothing is asked yet: what to type, in two lines, and what in this very record one may begin with. */
import { useQuery } from "@tanstack/react-query";
import { Button, Typography } from "antd";
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { shortOf } from "@/shared/ui/keys";
import { inspectionsQuery } from "./api";
import { nameOf } from "./labels";
import { useAsk } from "./state";

const EXAMPLES = 4;

export function Start(): ReactNode {
  const t = useT();
  return (
    <section className="recall-start">
      <Typography.Title level={2}>{t("recall.start.title")}</Typography.Title>
      <p>{t("recall.start.forward")}</p>
      <p>{t("recall.start.backward")}</p>
      <Examples />
    </section>
  );
}

/** Lots and items that failed an inspection, the newest first. Nothing where there are none. */
function Examples(): ReactNode {
  const t = useT();
  const ask = useAsk();
  const inspections = useQuery(inspectionsQuery);
  const failed = (inspections.data?.events ?? []).filter((event) => event.result === "fail" && event.withdrawn === null);
  const keys = [...new Set(failed.flatMap((event) => event.objects.map((one) => one.object)))].slice(0, EXAMPLES);
  if (keys.length === 0) return null;
  return (
    <div className="recall-examples">
      <Typography.Text type="secondary">{t("recall.start.failed")}</Typography.Text>
      {keys.map((key) => (
        <Button key={key} onClick={() => { void ask([{ kind: "object", key }]); }}>
          {shortOf(key)}{inspections.data !== undefined && nameOf(key, inspections.data.names) !== null && ` · ${nameOf(key, inspections.data.names) ?? ""}`}
        </Button>
      ))}
    </div>
  );
}
