/** Moving in time: every act is a step that Back undoes. */
import { App } from "antd";
import { useMemo } from "react";
import { useT } from "@/shared/i18n/language";
import { absolute, copied, pasted, scaled, shifted, type Range, type RawRange } from "@/shared/time/range";
import { keepRange } from "./recent";
import type { Change } from "./use-view";

export interface Ranging {
  choose: (raw: RawRange) => void;
  zoom: (range: Range) => void;
  out: () => void;
  closer: () => void;
  earlier: () => void;
  later: () => void;
  fix: () => void;
  copy: () => void;
  paste: () => void;
}

export function useRanging(raw: RawRange, range: Range, zone: string, change: Change): Ranging {
  const { message } = App.useApp();
  const t = useT();
  return useMemo(() => {
    const choose = (next: RawRange): void => {
      keepRange(next);
      change({ from: next.from, to: next.to });
    };
    const zoom = (next: Range): void => { choose(absolute(next)); };
    return {
      choose,
      zoom,
      out: () => { zoom(scaled(range, 2)); },
      closer: () => { zoom(scaled(range, 0.5)); },
      earlier: () => { zoom(shifted(range, -0.5)); },
      later: () => { zoom(shifted(range, 0.5)); },
      fix: () => { zoom(range); },
      copy: () => {
        navigator.clipboard.writeText(copied(raw)).then(() => message.success(t("timeline.range.copied")), () => message.error(t("timeline.clipboard")));
      },
      paste: () => {
        navigator.clipboard.readText().then((text) => {
          const next = pasted(text, Date.now(), zone);
          if (next === null) void message.warning(t("timeline.range.bad"));
          else choose(next);
        }, () => message.error(t("timeline.clipboard")));
      },
    };
  }, [raw, range, zone, change, message, t]);
}
