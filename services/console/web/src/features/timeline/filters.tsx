/** What is shown and what not, as chips: a click turns is into is not; new ones are searched for. */
import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { AutoComplete, Button, Popover, Segmented, Select, Space } from "antd";
import { useDeferredValue, useMemo, useState, type ReactNode } from "react";
import { useLanguage, useT, useWordOf } from "@/shared/i18n/language";
import { WORDS } from "@/shared/i18n/words";
import { shortOf } from "@/shared/ui/keys";
import { foundQuery, namesQuery } from "./api";
import { useView } from "./use-view";
import { FIELDS, filtersOf, searchOf, withFilter, type Field, type Filter } from "./view";

export function Filters(): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  const { search, change } = useView();
  const filters = filtersOf(search);
  const ids = useMemo(() => filtersOf(search).filter((one) => one.field !== "activity").map((one) => one.value), [search]);
  const names = useQuery(namesQuery(ids, language)).data ?? {};
  const put = (next: readonly Filter[]): void => { change(searchOf(next)); };
  return (
    <div className="tl-filters" role="group" aria-label={t("timeline.filters")}>
      {filters.map((one) => (
        <Chip
          key={`${one.field} ${one.value}`} filter={one} names={names}
          turn={() => { put(withFilter(filters, { ...one, not: !one.not })); }}
          drop={() => { put(filters.filter((other) => other !== one)); }}
        />
      ))}
      <Adding add={(filter) => { put(withFilter(filters, filter)); }} />
      {filters.length > 1 && <Button type="link" size="small" onClick={() => { put([]); }}>{t("timeline.filters.clear")}</Button>}
    </div>
  );
}

function Chip({ filter, names, turn, drop }: { filter: Filter; names: Record<string, string>; turn: () => void; drop: () => void }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const shown = filter.field === "activity" ? wordOf("step", filter.value) : (names[filter.value] ?? shortOf(filter.value));
  const said = `${t(`timeline.field.${filter.field}`)} ${t(filter.not ? "timeline.isNot" : "timeline.is")}`;
  return (
    <span className={filter.not ? "tl-chip not" : "tl-chip"} title={filter.value}>
      <button type="button" onClick={turn} aria-label={`${said} ${shown}: ${t("timeline.filter.turn")}`}>
        <span className="tl-muted">{said}</span> {shown}
      </button>
      <button type="button" onClick={drop} aria-label={`${t("timeline.filter.drop")} ${shown}`}>×</button>
    </span>
  );
}

function Adding({ add }: { add: (filter: Filter) => void }): ReactNode {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      trigger="click" open={open} onOpenChange={setOpen} placement="bottomLeft" destroyOnHidden
      content={<Form add={(filter) => { add(filter); setOpen(false); }} />}
    >
      <Button size="small" type="dashed" icon={<PlusOutlined />}>{t("timeline.filter.add")}</Button>
    </Popover>
  );
}

/** Kinds of search hits that fit a field; any where it is not said. */
const KINDS: Record<Field, readonly string[] | null> = {
  object: ["item", "lot", "product", "logistic_unit", "asset", "other"], place: ["place"], resource: ["resource"], operator: ["operator"], activity: [], party: ["party"],
  document: null,
};

function Form({ add }: { add: (filter: Filter) => void }): ReactNode {
  const t = useT();
  const wordOf = useWordOf();
  const [field, setField] = useState<Field>("object");
  const [not, setNot] = useState(false);
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim());
  const found = useQuery({ ...foundQuery(wanted), enabled: wanted !== "" && field !== "activity" });
  const kinds = KINDS[field];
  const hits = (found.data?.found ?? []).filter((one) => kinds === null || kinds.includes(one.kind));
  const options: { value: string; label: ReactNode }[] = field === "activity"
    ? STEPS.map((step) => ({ value: step, label: wordOf("step", step) })).filter((one) => one.label.toLowerCase().includes(wanted.toLowerCase()) || one.value.includes(wanted))
    : hits.map((one) => ({ value: one.id, label: <span>{one.name ?? ""} <span className="tl-muted">{shortOf(one.id)}</span></span> }));
  const done = (value: string): void => { if (value.trim() !== "") add({ field, value: value.trim(), not }); };
  return (
    <Space orientation="vertical" className="tl-add">
      <Space wrap>
        <Select
          value={field} onChange={(next: Field) => { setField(next); setText(""); }} aria-label={t("timeline.filter.field")} className="tl-add-field"
          options={FIELDS.map((one) => ({ value: one, label: t(`timeline.field.${one}`) }))}
        />
        <Segmented
          value={not} onChange={setNot} aria-label={t("timeline.filter.how")}
          options={[{ value: false, label: t("timeline.is") }, { value: true, label: t("timeline.isNot") }]}
        />
      </Space>
      <AutoComplete
        autoFocus value={text} options={options} onChange={setText} onSelect={done} className="tl-add-value" aria-label={t("timeline.filter.value")}
        placeholder={t("timeline.filter.value")} popupMatchSelectWidth={false}
      />
      <Button type="primary" size="small" disabled={text.trim() === ""} onClick={() => { done(text); }}>{t("timeline.filter.add")}</Button>
    </Space>
  );
}

const STEPS = Object.keys(WORDS).filter((key) => key.startsWith("step.")).map((key) => key.slice("step.".length));
