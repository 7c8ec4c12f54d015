/** "As known at": what the service would have said then. The slider stops at the moments at which something became known. */
import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button, Slider, Switch, Tooltip } from "antd";
import { useState, type ReactNode } from "react";
import { useLanguage, useT } from "@/shared/i18n/language";
import { countText, timeText } from "@/shared/time/format";
import { useZone } from "@/shared/time/zone";
import { Time } from "@/shared/ui/words";
import { stepFrom } from "./moments";
import { useView } from "./use-view";

interface Props {
  /** When something shown was recorded or corrected, RFC 3339, in order. */
  moments: readonly string[];
  /** How many events they are of, the newest, where there are more. */
  of: number | null;
  now: number;
}

export function KnownAt({ moments, of, now }: Props): ReactNode {
  const t = useT();
  const { language } = useLanguage();
  const zone = useZone();
  const { search, change } = useView();
  const [moved, setMoved] = useState<number | null>(null);
  const at = search.known_at;
  const last = moments.length;
  // a moment between two stands at the one before it; all of them are "now"
  const index = moved ?? (at === undefined ? last : stepFrom(moments, at));
  const go = (n: number): void => {
    setMoved(null);
    const moment = moments[n];
    change({ known_at: n >= last || moment === undefined ? undefined : moment });
  };
  const text = (n: number): string => { const moment = moments[n]; return n >= last || moment === undefined ? t("timeline.known.now") : timeText(moment, zone); };
  return (
    <div className="tl-known" role="group" aria-label={t("timeline.known")}>
      <label className="tl-known-label">
        <Switch
          size="small" checked={at !== undefined} aria-label={t("timeline.known")}
          onChange={(on) => { change({ known_at: on ? (moments.at(-1) ?? new Date(now).toISOString()) : undefined }); }}
        />
        {t("timeline.known")}
      </label>
      {at !== undefined && (
        <>
          <Tooltip title={t("timeline.known.before")}><Button size="small" icon={<LeftOutlined />} disabled={index <= 0} aria-label={t("timeline.known.before")} onClick={() => { go(index - 1); }} /></Tooltip>
          <Slider
            className="tl-known-slider" min={0} max={last} value={index} included={false} ariaLabelForHandle={t("timeline.known")}
            tooltip={{ formatter: (n) => text(n ?? last) }} onChange={setMoved} onChangeComplete={go}
          />
          <Tooltip title={t("timeline.known.after")}><Button size="small" icon={<RightOutlined />} disabled={index >= last} aria-label={t("timeline.known.after")} onClick={() => { go(index + 1); }} /></Tooltip>
          <strong data-testid="known">{moved === null ? <Time at={at} /> : text(moved)}</strong>
          {of !== null && <small className="tl-muted tl-known-of">{t("timeline.known.of", { count: countText(of, language) })}</small>}
        </>
      )}
    </div>
  );
}
