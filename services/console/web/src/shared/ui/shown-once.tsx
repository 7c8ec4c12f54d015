/** A secret that is shown this once: to be copied whole, with what it is good for. */
import { CheckOutlined, CopyOutlined } from "@ant-design/icons";
import { Alert, Button, Input } from "antd";
import { useState, type ReactNode } from "react";
import { useT } from "@/shared/i18n/language";

interface Props {
  label: string;
  secret: string;
  note: ReactNode;
}

export function ShownOnce({ label, secret, note }: Props): ReactNode {
  const t = useT();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(secret);
    setCopied(true);
  };
  return (
    <div className="stack">
      <Alert type="warning" showIcon title={note} />
      <Input.TextArea aria-label={label} value={secret} readOnly rows={2} className="code" onFocus={(event) => { event.target.select(); }} />
      <Button type="primary" icon={copied ? <CheckOutlined /> : <CopyOutlined />} onClick={() => void copy()}>
        {t(copied ? "once.copied" : "once.copy")}
      </Button>
    </div>
  );
}
