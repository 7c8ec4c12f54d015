import { createFileRoute } from "@tanstack/react-router";
import { AuditTimeline } from "@/features/timeline/audit-timeline";

export const Route = createFileRoute("/_in/timeline")({ component: AuditTimeline });
