/** The graph tab: what is drawn, its tools, and on a phone the paths as steps instead. */
import { Grid } from "antd";
import { lazy, Suspense, type ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { Loading, Nothing } from "@/shared/ui/page";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import type { Answer, Asked } from "./api";
import { PathTold } from "./path-told";
import { useDrawing } from "./drawing";
import type { View } from "./view";

// Cytoscape comes only to those who look at a graph
const Graph = lazy(() => import("./graph"));

interface Props {
  view: View;
  asked: Asked;
  answer: Answer;
}

export function Genealogy({ view, asked, answer }: Props): ReactNode {
  const narrow = Grid.useBreakpoint().md !== true;
  return narrow ? <PathSteps view={view} asked={asked} answer={answer} /> : <Drawn view={view} asked={asked} answer={answer} />;
}

function PathSteps({ view, asked, answer }: Props): ReactNode {
  const t = useT();
  if (view.selected === undefined) return <Nothing title={t("recall.paths.none")} fix={t("recall.paths.fix")} />;
  return <PathTold asked={asked} to={view.selected} names={answer.names} />;
}

function Drawn({ view, asked, answer }: Props): ReactNode {
  const drawing = useDrawing(view, asked, answer);
  if (drawing.error !== null) return <ProblemAlert error={drawing.error} />;
  if (drawing.drawn === null) return <Loading />;
  return <Suspense fallback={<Loading />}><Graph view={view} asked={asked} answer={answer} drawn={drawing.drawn} /></Suspense>;
}
