/** The graph with its tools: stages, search, scale, picture; keys as in the table. The table below is the same for readers. */
import { CompressOutlined, DownOutlined, FileImageOutlined, MinusOutlined, PlusOutlined, UpOutlined, ZoomInOutlined, ZoomOutOutlined } from "@ant-design/icons";
import { App, Button, Input, Space, Tooltip, type InputRef } from "antd";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useLanguage, useT, useWordOf } from "@/shared/i18n/language";
import { countText } from "@/shared/time/format";
import { save } from "@/shared/files/download";
import { useShade } from "@/shared/ui/theme";
import { acting, closeAll, depthShown, stages } from "./acts";
import type { Answer, Asked } from "./api";
import type { Drawn } from "./drawing";
import { GraphCanvas, type Canvas } from "./graph-canvas";
import { elementsOf, type GraphWords } from "./graph-elements";
import { Legend } from "./legend";
import { labelOf } from "./labels";
import { picture } from "./picture";
import { useSaying } from "./saying";
import { useChange } from "./state";
import type { View } from "./view";

interface Props {
  view: View;
  asked: Asked;
  answer: Answer;
  drawn: Drawn;
}

export default function Graph({ view, asked, answer, drawn }: Props): ReactNode {
  const t = useT();
  const change = useChange();
  const { dark } = useShade();
  const canvas = useRef<Canvas>(null);
  const find = useRef<InputRef>(null);
  /** A fold that the keys stand on; objects are selected instead. */
  const [fold, stand] = useState<string | null>(null);
  const words = useWords();
  const at = fold ?? view.selected;
  const elements = useMemo(() => elementsOf(drawn, fold ?? view.selected, words, dark), [drawn, fold, view.selected, words, dark]);
  useEffect(() => {
    if (view.selected !== undefined) canvas.current?.show(view.selected);
  }, [view.selected, drawn.scene]);
  const tap = (id: string | null): void => {
    const node = id === null ? undefined : drawn.scene.nodes.find((one) => one.id === id);
    stand(node?.sort === "fold" ? node.id : null);
    if (node?.sort === "fold") unfold(node.id);
    else if (node?.sort === "object") change({ selected: node.id }, "replace");
    else if (node === undefined) change({ selected: undefined }, "replace");
  };
  const unfold = (id: string): void => { change({ open: [...drawn.acts, `more:${id.slice(5)}`] }, "replace"); };
  const toggle = (id: string): void => {
    const node = drawn.scene.nodes.find((one) => one.id === id);
    if (node?.sort === "fold") unfold(id);
    else if (node?.sort === "object") change({ open: acting(drawn.acts, node, drawn.genealogy) }, "replace");
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow")) {
      const next = canvas.current?.next(at, event.key);
      if (next?.startsWith("fold:") === true) stand(next);
      else if (next !== undefined) {
        stand(null);
        change({ selected: next }, "replace");
      }
    } else if (event.key === "Enter" && at !== undefined) toggle(at);
    else if (event.key === "/") find.current?.focus();
    else if (event.key === "Escape") {
      stand(null);
      change({ selected: undefined }, "replace");
    } else return;
    event.preventDefault();
    event.stopPropagation();
    event.nativeEvent.stopImmediatePropagation();
  };
  return (
    <section className="recall-graph" aria-label={t("recall.graph")}>
      <div className="recall-tools">
        <Stages drawn={drawn} onActs={(open) => { change({ open }, "replace"); }} fit={() => { setTimeout(() => canvas.current?.fit(), 50); }} />
        <Finder view={view} drawn={drawn} input={find} />
        <Node drawn={drawn} at={at} toggle={toggle} />
        <Scale canvas={canvas} />
        <Picture canvas={canvas} view={view} asked={asked} answer={answer} drawn={drawn} />
      </div>
      {view.focus !== undefined && (
        <div className="recall-focus">
          {t("recall.focus", { object: labelOf(view.focus, drawn.names) })}
          <Button size="small" onClick={() => { change({ focus: undefined, open: undefined }); }}>{t("recall.focus.leave")}</Button>
        </div>
      )}
      <div className="recall-frame" tabIndex={0} role="application" aria-label={t("recall.graph.keys")} onKeyDown={pressed}>
        <GraphCanvas canvas={canvas} elements={elements} dark={dark} onTap={tap} onDoubleTap={toggle} />
      </div>
      <Legend />
    </section>
  );
}

function useWords(): GraphWords {
  const t = useT();
  const wordOf = useWordOf();
  const { language } = useLanguage();
  return useMemo(() => {
    const count = (of: number): string => countText(of, language);
    return {
      stage: (depth, shown) => (depth === 0 ? t("recall.stage.first", { shown: count(shown) }) : t("recall.stage", { depth, shown: count(shown) })),
      otherWay: t("recall.otherWay"),
      fold: (shown, all, states) => `${t("recall.fold", { shown: count(shown), all: count(all) })}\n${states}`,
      hits: (found) => t("recall.fold.hits", { count: count(found) }),
      loop: t("recall.loop"),
      draws: (draws) => t("recall.draws", { count: draws }),
      state: (state) => wordOf("status", state),
    };
  }, [t, wordOf, language]);
}

function Stages({ drawn, onActs, fit }: { drawn: Drawn; onActs: (acts: string[] | undefined) => void; fit: () => void }): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  const shown = depthShown(drawn.acts);
  const objects = drawn.scene.nodes.filter((node) => node.sort === "object" && !node.context).length;
  const go = (acts: string[] | undefined): void => {
    onActs(acts);
    fit();
  };
  return (
    <Space.Compact>
      <Tooltip title={t("recall.stages.less")}>
        <Button icon={<MinusOutlined />} aria-label={t("recall.stages.less")} disabled={shown === 0} onClick={() => { go(stages(drawn.acts, Math.min(shown, drawn.depth) - 1)); }} />
      </Tooltip>
      <Button onClick={() => { go(closeAll(drawn.roots)); }}>
        {t("recall.stages", { shown: Math.min(shown, drawn.depth), all: drawn.depth })} · {t("recall.part", { part: countText(objects, language), all: countText(drawn.genealogy.objects.size, language) })}
      </Button>
      <Tooltip title={t("recall.stages.more")}>
        <Button icon={<PlusOutlined />} aria-label={t("recall.stages.more")} disabled={shown >= drawn.depth} onClick={() => { go(stages(drawn.acts, shown + 1)); }} />
      </Tooltip>
      <Button disabled={shown === Infinity} onClick={() => { go([...drawn.acts, "*"]); }}>{t("recall.stages.all")}</Button>
    </Space.Compact>
  );
}

/** n of m, and the next; Enter goes on. A hit that is not drawn is shown with its path, since it becomes the selection. */
function Finder({ view, drawn, input }: { view: View; drawn: Drawn; input: React.RefObject<InputRef | null> }): ReactNode {
  const t = useT();
  const change = useChange();
  const now = drawn.hits.indexOf(view.selected ?? "");
  const go = (by: number): void => {
    const count = drawn.hits.length;
    const next = drawn.hits[now === -1 ? (by > 0 ? 0 : count - 1) : (now + by + count) % count];
    if (next !== undefined) change({ selected: next }, "replace");
  };
  return (
    <Space.Compact className="recall-find">
      <Input
        ref={input}
        allowClear
        aria-label={t("recall.find")}
        placeholder={t("recall.find")}
        value={view.find ?? ""}
        maxLength={200}
        onChange={(event) => { change({ find: event.target.value === "" ? undefined : event.target.value }, "replace"); }}
        onPressEnter={(event) => { go(event.shiftKey ? -1 : 1); }}
        onKeyDown={(event) => { if (event.key === "Escape") input.current?.blur(); }}
        suffix={view.find === undefined ? null : <small>{t("recall.find.count", { now: now + 1, all: drawn.hits.length })}</small>}
      />
      <Button icon={<UpOutlined />} aria-label={t("recall.find.before")} disabled={drawn.hits.length === 0} onClick={() => { go(-1); }} />
      <Button icon={<DownOutlined />} aria-label={t("recall.find.next")} disabled={drawn.hits.length === 0} onClick={() => { go(1); }} />
    </Space.Compact>
  );
}

/** Opens or closes what the keys stand on: the same as a double click. */
function Node({ drawn, at, toggle }: { drawn: Drawn; at: string | undefined; toggle: (id: string) => void }): ReactNode {
  const t = useT();
  const node = drawn.scene.nodes.find((one) => one.id === at);
  const can = node !== undefined && (node.hidden > 0 || node.open);
  return <Button disabled={!can} onClick={() => { if (node !== undefined) toggle(node.id); }}>{t(node?.open === true ? "recall.node.close" : "recall.node.open")}</Button>;
}

function Scale({ canvas }: { canvas: React.RefObject<Canvas | null> }): ReactNode {
  const t = useT();
  return (
    <Space.Compact>
      <Tooltip title={t("recall.zoom.out")}><Button icon={<ZoomOutOutlined />} aria-label={t("recall.zoom.out")} onClick={() => canvas.current?.zoom(1 / 1.3)} /></Tooltip>
      <Tooltip title={t("recall.zoom.in")}><Button icon={<ZoomInOutlined />} aria-label={t("recall.zoom.in")} onClick={() => canvas.current?.zoom(1.3)} /></Tooltip>
      <Tooltip title={t("recall.zoom.fit")}><Button icon={<CompressOutlined />} aria-label={t("recall.zoom.fit")} onClick={() => canvas.current?.fit()} /></Tooltip>
    </Space.Compact>
  );
}

function Picture({ canvas, view, asked, answer, drawn }: Props & { canvas: React.RefObject<Canvas | null> }): ReactNode {
  const t = useT();
  const { dark } = useShade();
  const { message } = App.useApp();
  const saying = useSaying(view, asked, answer);
  const make = async (): Promise<void> => {
    if (canvas.current === null) return;
    const shown = drawn.scene.nodes.filter((node) => node.sort === "object" && !node.context).length;
    const made = await picture(await canvas.current.picture(), [saying.question, ...saying.basis, t("recall.part", { part: shown, all: saying.total })], dark);
    save(`${saying.file}.png`, made);
  };
  return <Button icon={<FileImageOutlined />} onClick={() => { make().catch(() => message.error(t("state.error"))); }}>PNG</Button>;
}
