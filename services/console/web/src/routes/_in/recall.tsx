import { createFileRoute } from "@tanstack/react-router";
import { RecallExplorer } from "@/features/recall/recall-explorer";

export const Route = createFileRoute("/_in/recall")({ component: RecallExplorer });
