/** What is asked: seeds as tags, a box that takes any spelling, other ways to name seeds, and the direction. */
import { PlusOutlined } from "@ant-design/icons";
import { Button, Grid, Popover, Segmented, Tag } from "antd";
import { useState, type ReactNode } from "react";
import { useT, type Translate } from "@/shared/i18n/language";
import { timeText } from "@/shared/time/format";
import { shortOf } from "@/shared/ui/keys";
import { SeedForm } from "./seed-form";
import { SeedSearch } from "./seed-search";
import { useAsk, useChange } from "./state";
import { directionOf, NEW_QUESTION, type Direction, type Seed, type View } from "./view";

/** Most seeds shown as tags; all are in the answer. */
const TAGS = 12;

export function QuestionBar({ view, seeds }: { view: View; seeds: readonly Seed[] }): ReactNode {
  const t = useT();
  const ask = useAsk();
  const change = useChange();
  const [forming, setForming] = useState(false);
  const narrow = Grid.useBreakpoint().md === false;
  const add = (seed: Seed): void => { void ask([...seeds, seed]); };
  return (
    <section className="recall-question" aria-label={t("recall.question")}>
      <div className="recall-question-row">
        <Segmented<Direction>
          aria-label={t("recall.direction")}
          vertical={narrow}
          value={directionOf(view)}
          onChange={(direction) => { change({ ...NEW_QUESTION, direction }); }}
          options={[
            { value: "forward", label: t("recall.forward") },
            { value: "backward", label: t("recall.backward") },
          ]}
        />
        <SeedSearch onSeed={add} />
        <Popover
          trigger="click"
          placement="bottomRight"
          open={forming}
          onOpenChange={setForming}
          destroyOnHidden
          content={<SeedForm onSeed={(seed) => { setForming(false); add(seed); }} />}
        >
          <Button icon={<PlusOutlined />}>{t("recall.seed.other")}</Button>
        </Popover>
      </div>
      {seeds.length > 0 && (
        <div className="recall-seeds">
          <span className="recall-muted">{t(directionOf(view) === "forward" ? "recall.from.forward" : "recall.from.backward")}</span>
          {seeds.slice(0, TAGS).map((seed, number) => (
            <Tag
              key={`${number} ${seed.key}`}
              closable={{ "aria-label": t("recall.seed.remove", { seed: shortOf(seed.key) }) }}
              onClose={(event) => {
                event.preventDefault();
                void ask(seeds.filter((_, other) => other !== number));
              }}
            >
              {seedText(seed, t)}
            </Tag>
          ))}
          {seeds.length > TAGS && <span>{t("recall.seed.more", { count: seeds.length - TAGS })}</span>}
          <Button type="link" size="small" onClick={() => { void ask([], { known_at: undefined, happened_by: undefined, tab: undefined }); }}>{t("recall.clear")}</Button>
        </div>
      )}
    </section>
  );
}

/** A seed in words, its times in the reader's zone. */
export function seedText(seed: Seed, t: Translate): string {
  const key = shortOf(seed.key);
  if (seed.kind === "product") return t("recall.seed.product.of", { key });
  if (seed.kind === "container") return seed.at === null ? t("recall.seed.container.ever", { key }) : t("recall.seed.container.at", { key, at: timeText(seed.at) });
  if (!("from" in seed)) return key;
  const given = { key, from: timeText(seed.from), to: timeText(seed.to) };
  return seed.kind === "place" ? t("recall.seed.place.of", given) : t("recall.seed.resource.of", given);
}
