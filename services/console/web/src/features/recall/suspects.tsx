/** From a complaint back, then forward: what is ticked in a backward trace becomes the question of a forward one. */
import { Button } from "antd";
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { useAsk, useChange } from "./state";
import type { View } from "./view";

export function Suspects({ view }: { view: View }): ReactNode {
  const t = useT();
  const ask = useAsk();
  const change = useChange();
  const ticked = view.tick ?? [];
  return (
    <div className="recall-suspects">
      <span>{ticked.length === 0 ? t("recall.suspects.none") : t("recall.suspects.some", { count: ticked.length })}</span>
      {ticked.length > 0 && (
        <>
          <Button type="primary" onClick={() => { void ask(ticked.map((key) => ({ kind: "object", key })), { direction: "forward", tab: undefined }); }}>{t("recall.suspects.forward")}</Button>
          <Button onClick={() => { change({ tick: undefined }, "replace"); }}>{t("recall.suspects.clear")}</Button>
        </>
      )}
    </div>
  );
}
