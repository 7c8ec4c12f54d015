/** What went wrong, in the service's own words: detail, fields with their fix, and the number to quote. */
import { Alert, Button } from "antd";
import type { ReactNode } from "react";
import { ApiError } from "@/shared/api/problem";
import { useT } from "@/shared/i18n/language";

interface Props {
  error: unknown;
  retry?: () => void;
}

export function ProblemAlert({ error, retry }: Props): ReactNode {
  const t = useT();
  const problem = error instanceof ApiError ? error.problem : null;
  const title = problem === null || problem.status === 0 ? t("state.error") : problem.title || t("state.error");
  const detail = problem?.status === 0 ? t("state.offline") : (problem?.detail ?? "");
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={title}
      description={
        <>
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
