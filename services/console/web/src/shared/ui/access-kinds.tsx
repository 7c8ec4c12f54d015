/** The choice of kinds of records of access. */
import { Select } from "antd";
import type { ReactNode } from "react";
import { ACCESS_KINDS, type AccessKind } from "@/shared/api/access";
import { useT, useWordOf } from "@/shared/i18n/language";

export function AccessKinds({ kinds, choose }: { kinds: readonly AccessKind[]; choose: (kinds: AccessKind[]) => void }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  return (
    <Select<AccessKind[]>
      mode="multiple"
      allowClear
      className="kinds"
      aria-label={t("access.kind")}
      placeholder={t("access.kind.all")}
      value={[...kinds]}
      maxTagCount="responsive"
      onChange={choose}
      options={ACCESS_KINDS.map((one) => ({ value: one, label: wordOf("access", one) }))}
    />
  );
}
