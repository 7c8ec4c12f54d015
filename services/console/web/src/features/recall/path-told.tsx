/** Why an object is in the answer: a path from the seeds, in words, step by step. */
import { useQuery } from "@tanstack/react-query";
import { Skeleton, Typography } from "antd";
import type { ReactNode } from "react";
import { useT, type Translate } from "@/shared/i18n/language";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { shortOf } from "@/shared/ui/keys";
import { pathQuery, type Asked, type PathStep } from "./api";
import { madeOf, ruleOf, toldPath, whyOf } from "./explain";
import { labelOf, type Names } from "./labels";
import { unfiltered } from "./state";

interface Props {
  asked: Asked;
  to: string;
  names: Names;
}

export function PathTold({ asked, to, names }: Props): ReactNode {
  const t = useT();
  const path = useQuery(pathQuery(unfiltered(asked), to));
  if (path.isPending) return <Skeleton active paragraph={{ rows: 3 }} />;
  if (path.isError) return <ProblemAlert error={path.error} />;
  const why = whyOf(path.data);
  const object = labelOf(to, names);
  const tell = teller(t, names);
  return (
    <section className="recall-why">
      <Typography.Title level={3}>{t("recall.why")}</Typography.Title>
      <p>{why.verdict === "possible" ? tell(why.because, "recall.why", object) : t(`recall.why.${why.verdict}`, { object })}</p>
      {why.verdict !== "seed" && why.verdict !== "unreached" && (
        <ol className="recall-steps">
          {toldPath(path.data).map((step) => (
            <li key={`${step.from} ${step.to}`} className={step.certain ? undefined : "recall-step-possible"}>{tell(step, "recall.step", object)}</li>
          ))}
        </ol>
      )}
    </section>
  );
}

/** Puts one step into words. */
function teller(t: Translate, names: Names): (step: PathStep, group: "recall.why" | "recall.step", object: string) => string {
  return (step, group, object) => {
    const given = {
      object,
      from: labelOf(step.from, names),
      to: labelOf(step.to, names),
      process: step.order === null ? t("recall.process") : t("recall.order", { order: shortOf(step.order) }),
      made: t(`recall.made.${madeOf(step)}`, { count: step.outputs ?? 0 }),
    };
    const rule = ruleOf(step) ?? "several";
    if (group === "recall.step" && (rule === "one" || rule === "lot")) return t(`recall.step.${rule}`, given);
    if (step.kind === "installed") return t(rule === "quantity" ? `${group}.fitted` : "recall.step.installed", given);
    return t(rule === "quantity" ? `${group}.quantity` : `${group}.several`, given);
  };
}
