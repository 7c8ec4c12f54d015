import { createFileRoute } from "@tanstack/react-router";
import { RefusedCalls } from "@/features/system/refused";

export const Route = createFileRoute("/_in/refused")({ component: RefusedCalls });
