/** The API's shapes that the timeline shows. */
import type { components } from "@/shared/api/schema.gen";

export type Answer = components["schemas"]["Timeline"];
export type Entry = components["schemas"]["Entry"];
export type Lane = components["schemas"]["Lane"];
export type Bar = components["schemas"]["Bar"];
export type Bucket = components["schemas"]["Bucket"];
export type Measurement = components["schemas"]["Measurement"];
export type Names = Record<string, string>;
export type Marks = components["schemas"]["Marks"];
export type MarkRead = components["schemas"]["Mark"];
export type Access = components["schemas"]["AccessRead"];
export type AccessPage = components["schemas"]["AccessList"];
