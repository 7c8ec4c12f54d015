/**
 * What went wrong, in the reader's language: its kind and what helps in general, then what the service says of it, fields
 * with their fix, and the number to quote.
 */
import { Alert, Button } from "antd";
import type { ReactNode } from "react";
import { ApiError, besideFaults, kindOf } from "@/shared/api/problem";
import { useT, useWordOf } from "@/shared/i18n/language";

interface Props {
  error: unknown;
  retry?: () => void;
}

export function ProblemAlert({ error, retry }: Props): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const problem = error instanceof ApiError ? error.problem : null;
  const kind = problem === null || problem.status === 0 ? "" : kindOf(problem);
  const title = kind === "" ? "" : wordOf("problemTitle", kind);
  const fix = kind === "" ? "" : wordOf("problemFix", kind);
  const detail = problem === null ? "" : besideFaults(problem.detail, problem.errors);
  const own = problem === null || problem.status === 0 ? "" : problem.title;
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={title === kind ? own || t("state.error") : title}
      description={
        <>
          {fix !== kind && <p className="tight">{fix}</p>}
          {problem?.status === 0 && <p className="tight">{t("state.offline")}</p>}
          {detail !== "" && <p className="tight">{detail}</p>}
          {problem !== null && problem.errors.length > 0 && (
            <ul className="tight">
              {problem.errors.map((one) => (
                <li key={`${one.field} ${one.fix}`}>{t("problem.field", { field: one.field, fix: one.fix })}</li>
              ))}
            </ul>
          )}
          {problem?.requestId != null && <small>{t("problem.request", { id: problem.requestId })}</small>}
        </>
      }
      action={retry && <Button size="small" onClick={retry}>{t("state.retry")}</Button>}
    />
  );
}
