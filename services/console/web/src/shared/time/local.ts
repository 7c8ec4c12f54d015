/** Between instants of the API and what a `datetime-local` field holds, in the browser's zone. */
import { isInstant, offsetText, wallOf } from "./wall";

export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** "Asia/Shanghai, UTC+08:00". */
export function zoneText(ms: number): string {
  return `${browserZone()}, UTC${offsetText(ms, browserZone())}`;
}

/** `2026-06-18T10:00:00` for a field; empty for what is no instant. */
export function toField(instant: string | null): string {
  const ms = Date.parse(instant ?? "");
  return isInstant(ms) ? new Date(wallOf(ms, browserZone())).toISOString().slice(0, 19) : "";
}

/** RFC 3339 with the offset of that moment; null for an empty field. */
export function fromField(text: string): string | null {
  const ms = new Date(text).getTime();
  if (!isInstant(ms)) return null;
  return `${text.length === 16 ? `${text}:00` : text}${offsetText(ms, browserZone())}`;
}
