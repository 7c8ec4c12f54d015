/** An instant, to the second, in the browser's zone: the browser's own field, which keyboards and readers know. */
import { Input } from "antd";
import type { ReactNode } from "react";
import { fromField, toField } from "./local";

interface Props {
  label: string;
  value: string | null;
  onChange: (instant: string | null) => void;
}

export function InstantField({ label, value, onChange }: Props): ReactNode {
  return <Input type="datetime-local" step={1} aria-label={label} value={toField(value)} onChange={(event) => { onChange(fromField(event.target.value)); }} />;
}
