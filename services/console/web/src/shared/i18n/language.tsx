/** Which language people read: their choice, kept in the browser, else the browser's own. */
import { createContext, use, useCallback, useMemo, useState, type ReactNode } from "react";
import { isKey, wordsOf, type Key, type Language } from "./words";

const KEPT = "stemma.language";

export type Translate = (key: Key, given?: Record<string, string | number>) => string;

interface Speaking {
  language: Language;
  t: Translate;
  speak: (language: Language) => void;
}

const Context = createContext<Speaking | null>(null);

export function languageAtStart(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "zh" || kept === "en" || kept === "__test__") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** The language that the API is asked in. */
export function languageOfRequests(): "zh" | "en" {
  return languageAtStart() === "zh" ? "zh" : "en";
}

export function LanguageProvider({ children }: { children: ReactNode }): ReactNode {
  const [language, setLanguage] = useState(languageAtStart);
  const speak = useCallback((next: Language) => {
    localStorage.setItem(KEPT, next);
    document.documentElement.lang = next === "en" ? "en" : "zh-CN";
    setLanguage(next);
  }, []);
  const value = useMemo<Speaking>(
    () => ({ language, speak, t: (key, given) => wordsOf(language, key, given) }),
    [language, speak],
  );
  return <Context value={value}>{children}</Context>;
}

function useSpeaking(): Speaking {
  const found = use(Context);
  if (found === null) throw new Error("no LanguageProvider above");
  return found;
}

export function useLanguage(): Omit<Speaking, "t"> {
  return useSpeaking();
}

export function useT(): Translate {
  return useSpeaking().t;
}

/** Words for a value of the API, as a state or a role; the value itself where the catalogue has none. */
export function useWordOf(): (group: string, value: string) => string {
  const t = useT();
  return useCallback((group: string, value: string) => {
    const key = `${group}.${value}`;
    return isKey(key) ? t(key) : value;
  }, [t]);
}
