import { createFileRoute } from "@tanstack/react-router";
import { People } from "@/features/people/people";

export const Route = createFileRoute("/_in/people")({ component: People });
