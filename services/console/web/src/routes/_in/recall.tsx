import { createFileRoute } from "@tanstack/react-router";
import { RecallExplorer } from "@/features/recall/recall-explorer";
import { RECALL_VIEW } from "@/features/recall/view";

export const Route = createFileRoute("/_in/recall")({ validateSearch: RECALL_VIEW, component: RecallExplorer });
