/** The box that takes anything: typed, pasted, or scanned by a scanner that ends with Enter. */
import { Input } from "antd";
import { useState, type ReactNode, type Ref } from "react";
import type { ComponentRef } from "react";
import { useT } from "@/shared/i18n/language";

interface Props {
  search: (text: string) => void;
  start?: string;
  big?: boolean;
  autoFocus?: boolean;
  ref?: Ref<ComponentRef<typeof Input.Search>>;
}

export function SearchField({ search, start = "", big = false, autoFocus = false, ref }: Props): ReactNode {
  const t = useT();
  const [text, setText] = useState(start);
  return (
    <search className={big ? "search-big" : "shell-search"}>
      <Input.Search
        {...(ref === undefined ? {} : { ref })}
        allowClear
        size={big ? "large" : "middle"}
        enterButton={big}
        autoFocus={autoFocus}
        maxLength={2048}
        value={text}
        onChange={(event) => { setText(event.target.value); }}
        aria-label={t("search.label")}
        placeholder={t("search.placeholder")}
        onSearch={(given, _, info) => {
          const wanted = given.trim();
          if (info?.source === "input" && wanted !== "") search(wanted);
        }}
      />
    </search>
  );
}
