/** The backups in the configured folder: on Home their age, on System all of them. */
import { queryOptions } from "@tanstack/react-query";
import { answered, api } from "./client";

/** The newest first; asked again each minute, since a command makes them too. */
export const backupsQuery = queryOptions({
  queryKey: ["backups"],
  queryFn: () => answered(api.GET("/api/v1/backups")),
  refetchInterval: 60_000,
});
