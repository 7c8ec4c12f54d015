/** All events of a question as a file: streamed by the service, which records that they were taken. Times are in the zone asked for. */
import { ownHeaders } from "@/shared/api/client";
import { writeSearch } from "@/shared/api/address";
import { ApiError, problemOf } from "@/shared/api/problem";
import type { Asked } from "./view";

const MEDIA = { csv: "text/csv", json: "application/x-ndjson" } as const;

export async function download(asked: Asked, order: "asc" | "desc", zone: string, kind: "csv" | "json"): Promise<Blob> {
  const answer = await fetch(`/api/v1/timeline${writeSearch({ ...asked, order, zone })}`, { headers: { ...ownHeaders("GET"), accept: MEDIA[kind] } });
  if (!answer.ok) throw new ApiError(await problemOf(answer));
  if (kind === "csv") return await answer.blob();
  const lines = (await answer.text()).split("\n").filter((line) => line !== "");
  // a line an event: the texts stay as the service wrote them
  return new Blob([`[\n${lines.join(",\n")}\n]\n`], { type: "application/json" });
}
