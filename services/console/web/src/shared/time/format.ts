/** Instants as people read them, in the zone they chose; the browser's where none is chosen. */
import type { Language } from "@/shared/i18n/words";

const LOCALE = { zh: "zh-CN", en: "en-GB", __test__: "en-GB" } as const;

/** `2026-06-20 14:03:22` in a zone; the exact text of the API stands in the tooltip. */
export function timeText(instant: string, zone?: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).formatToParts(new Date(instant));
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("year")}-${of("month")}-${of("day")} ${of("hour")}:${of("minute")}:${of("second")}`;
}

/** "3 hours ago"; exact to the unit that counts. */
export function agoText(instant: string, now: number, language: Language): string {
  const seconds = (Date.parse(instant) - now) / 1000;
  const format = new Intl.RelativeTimeFormat(LOCALE[language], { numeric: "auto" });
  const units = [["day", 86_400], ["hour", 3_600], ["minute", 60]] as const;
  for (const [unit, size] of units) if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  return format.format(Math.round(seconds), "second");
}

/** 1,234 in the reader's language. Whole numbers only: quantities stay the decimal text of the API. */
export function countText(count: number, language: Language): string {
  return new Intl.NumberFormat(LOCALE[language]).format(count);
}
