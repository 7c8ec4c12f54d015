import { createFileRoute } from "@tanstack/react-router";
import { ObjectPage } from "@/features/objects/object-page";

export const Route = createFileRoute("/_in/object")({ component: ObjectPage });
