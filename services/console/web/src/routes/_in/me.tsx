import { createFileRoute } from "@tanstack/react-router";
import { Me } from "@/features/people/me";

export const Route = createFileRoute("/_in/me")({ component: Me });
