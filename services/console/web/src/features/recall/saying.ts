/** The question and what its answer rests on, in words: for pictures, print and names of files. */
import { useT } from "@/shared/i18n/language";
import { timeText } from "@/shared/time/format";
import { useZone } from "@/shared/time/zone";
import { shortOf } from "@/shared/ui/keys";
import type { Answer, Asked } from "./api";
import { seedText } from "./question-bar";
import { seedOf, type View } from "./view";

const NAMED = 5;

export interface Saying {
  question: string;
  basis: string[];
  total: number;
  /** A name for files, without an ending. */
  file: string;
}

export function useSaying(view: View, asked: Asked, answer: Answer): Saying {
  const t = useT();
  const zone = useZone();
  const seeds = asked.question.seeds.flatMap(seedOf);
  const named = seeds.slice(0, NAMED).map((seed) => seedText(seed, t)).join(", ") + (seeds.length > NAMED ? ` ${t("recall.seed.more", { count: seeds.length - NAMED })}` : "");
  const first = seeds[0];
  return {
    question: `${t(asked.direction === "forward" ? "recall.forward" : "recall.backward")}: ${named}`,
    basis: [
      `${t("recall.basis.known")} ${timeText(answer.basis.known_at, zone)}${view.happened_by === undefined ? "" : ` · ${t("recall.basis.happened")} ${timeText(view.happened_by, zone)}`}`,
      t("recall.basis.position", { position: answer.basis.position, rules: answer.basis.rules }),
    ],
    total: answer.totals.objects,
    file: `stemma-${asked.direction === "forward" ? "impact" : "provenance"}-${shortOf(first?.key ?? "").replace(/[^\p{L}\p{N}._-]+/gu, "_").slice(0, 60)}`,
  };
}
