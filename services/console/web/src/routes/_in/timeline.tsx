import { createFileRoute } from "@tanstack/react-router";
import { AuditTimeline } from "@/features/timeline/audit-timeline";
import { timelineSearch } from "@/features/timeline/view";

export const Route = createFileRoute("/_in/timeline")({ validateSearch: timelineSearch, component: AuditTimeline });
