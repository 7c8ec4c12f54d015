import { createFileRoute } from "@tanstack/react-router";
import { Names } from "@/features/names/names";

export const Route = createFileRoute("/_in/names")({ component: Names });
