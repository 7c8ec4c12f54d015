/** Seeds that are no single object: a whole product, a container's contents, a place or a resource over a window. */
import { useQuery } from "@tanstack/react-query";
import { AutoComplete, Button, Form, Input, Segmented, Typography } from "antd";
import { useState, type ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { zoneText } from "@/shared/time/local";
import { InstantField } from "@/shared/time/instant-field";
import { searchQuery } from "./api";
import { Option, useSettled } from "./seed-search";
import type { Seed } from "./view";

type Kind = Exclude<Seed["kind"], "object">;

/** Which kinds of a search fit a seed. */
const FITS: Record<Kind, readonly string[]> = {
  product: ["product"],
  container: ["logistic_unit", "asset", "other"],
  place: ["place"],
  resource: ["resource", "operator"],
};

export function SeedForm({ onSeed }: { onSeed: (seed: Seed) => void }): ReactNode {
  const t = useT();
  const [kind, setKind] = useState<Kind>("resource");
  const [key, setKey] = useState("");
  const [opened] = useState(Date.now);
  const [from, setFrom] = useState<string | null>(null);
  const [to, setTo] = useState<string | null>(null);
  const windowed = kind === "place" || kind === "resource";
  const backwards = windowed && from !== null && to !== null && Date.parse(to) < Date.parse(from);
  const seed = backwards ? null : seedFrom(kind, key.trim(), from, to);
  return (
    <Form layout="vertical" className="recall-seed-form" onFinish={() => { if (seed !== null) onSeed(seed); }}>
      <Segmented<Kind>
        block
        aria-label={t("recall.seed.kind")}
        value={kind}
        onChange={(next) => { setKind(next); setKey(""); }}
        options={(["product", "container", "place", "resource"] as const).map((value) => ({ value, label: t(`recall.seed.kind.${value}`) }))}
      />
      <Typography.Paragraph type="secondary">{t(`recall.seed.hint.${kind}`)}</Typography.Paragraph>
      <Form.Item label={t(`recall.seed.kind.${kind}`)}>
        <Chooser kind={kind} value={key} onChange={setKey} />
      </Form.Item>
      {kind === "container" && <Form.Item label={t("recall.seed.at")}><InstantField label={t("recall.seed.at")} value={from} onChange={setFrom} /></Form.Item>}
      {windowed && (
        <>
          <Form.Item label={t("recall.seed.since")}><InstantField label={t("recall.seed.since")} value={from} onChange={setFrom} /></Form.Item>
          <Form.Item label={t("recall.seed.until")} {...(backwards ? { validateStatus: "error" as const, help: t("recall.seed.backwards") } : {})}>
            <InstantField label={t("recall.seed.until")} value={to} onChange={setTo} />
          </Form.Item>
          <Typography.Paragraph type="secondary">{t("recall.seed.rule", { zone: zoneText(from === null ? opened : Date.parse(from)) })}</Typography.Paragraph>
        </>
      )}
      <Button type="primary" htmlType="submit" block disabled={seed === null}>{t("recall.seed.add")}</Button>
    </Form>
  );
}

function seedFrom(kind: Kind, key: string, from: string | null, to: string | null): Seed | null {
  if (key === "") return null;
  if (kind === "product") return { kind, key };
  if (kind === "container") return { kind, key, at: from };
  return from === null || to === null ? null : { kind, key, from, to };
}

function Chooser({ kind, value, onChange }: { kind: Kind; value: string; onChange: (key: string) => void }): ReactNode {
  const t = useT();
  const wanted = useSettled(value.trim());
  const found = useQuery({ ...searchQuery(wanted), placeholderData: (before) => before });
  const offered = (found.data ?? []).filter((one) => FITS[kind].includes(one.kind));
  return (
    <AutoComplete
      value={value}
      onChange={onChange}
      options={wanted === "" ? [] : offered.map((one) => ({ value: one.id, label: <Option found={one} /> }))}
    >
      <Input aria-label={t(`recall.seed.kind.${kind}`)} placeholder={t(`recall.seed.placeholder.${kind}`)} maxLength={2048} />
    </AutoComplete>
  );
}
