/** The providers around the router. */
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { queries } from "@/shared/api/queries";
import { LanguageProvider, languageAtStart } from "@/shared/i18n/language";
import { listenToKeys } from "@/shared/ui/shortcuts";
import { ThemeProvider } from "@/shared/ui/theme";
import { router } from "./router";

document.documentElement.lang = languageAtStart() === "en" ? "en" : "zh-CN";

export function Console(): ReactNode {
  useEffect(listenToKeys, []);
  return (
    <LanguageProvider>
      <ThemeProvider>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </ThemeProvider>
    </LanguageProvider>
  );
}
