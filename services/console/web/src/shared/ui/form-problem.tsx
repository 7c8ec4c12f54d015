/** A refused call on its form: each fault at the field it is about with its fix, and above the button what has no field here. */
import type { FormInstance } from "antd";
import { useEffect, useMemo, type ReactNode } from "react";
import { ApiError } from "@/shared/api/problem";
import { ProblemAlert } from "./problem-alert";

interface Props {
  form: FormInstance;
  error: unknown;
  /** Names of the form's fields, as the API names them. */
  fields: readonly string[];
}

export function FormProblem({ form, error, fields }: Props): ReactNode {
  const faults = useMemo(() => (error instanceof ApiError ? error.problem.errors : []), [error]);
  const landed = useMemo(() => faults.filter((fault) => fields.includes(fault.field)), [faults, fields]);
  useEffect(() => {
    if (landed.length > 0) form.setFields(landed.map((fault) => ({ name: fault.field, errors: [fault.fix] })));
  }, [form, landed]);
  if (error == null || (faults.length > 0 && landed.length === faults.length)) return null;
  return <ProblemAlert error={error} />;
}
