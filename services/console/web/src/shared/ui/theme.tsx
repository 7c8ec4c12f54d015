/** Light and dark, kept in the browser, else as the system has it; and the nonce that every style element needs. */
import { App as AntApp, ConfigProvider, theme as antTheme, type ThemeConfig } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { createContext, use, useEffect, useMemo, useState, type ReactNode } from "react";
import { useLanguage } from "@/shared/i18n/language";

const KEPT = "stemma.theme";
const FONT = 'system-ui, -apple-system, "Segoe UI", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';

interface Shade {
  dark: boolean;
  setDark: (dark: boolean) => void;
}

const Context = createContext<Shade>({ dark: false, setDark: () => undefined });

export function useShade(): Shade {
  return use(Context);
}

function atStart(): boolean {
  const kept = localStorage.getItem(KEPT);
  return kept === null ? matchMedia("(prefers-color-scheme: dark)").matches : kept === "dark";
}

function config(dark: boolean): ThemeConfig {
  return {
    algorithm: dark ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm,
    token: {
      motion: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      fontFamily: FONT,
      borderRadius: 6,
      // contrast of at least 4.5 to the page in both shades
      colorPrimary: dark ? "#17789b" : "#0b6e8f",
      colorLink: dark ? "#5cc0e0" : "#0b6e8f",
      colorLinkHover: dark ? "#8ad4ee" : "#07526b",
      colorBgLayout: dark ? "#10151b" : "#f4f6f8",
      colorBgContainer: dark ? "#181f27" : "#ffffff",
      colorBgElevated: dark ? "#1f2832" : "#ffffff",
      colorTextDescription: dark ? "#a9b4bf" : "#566573",
      colorTextPlaceholder: dark ? "#95a1ad" : "#687785",
      colorSuccess: dark ? "#49b675" : "#1d7a45",
      colorWarning: dark ? "#e0a33c" : "#a15c00",
      colorError: dark ? "#ff9d97" : "#c0312b",
    },
    components: {
      // what the pointer is on keeps that contrast: darker behind white, and away from the page in both shades
      Button: { colorPrimaryHover: dark ? "#146a89" : "#095b76", defaultHoverColor: dark ? "#8ad4ee" : "#07526b", defaultHoverBorderColor: dark ? "#5cc0e0" : "#0b6e8f" },
      Layout: { headerBg: "transparent" },
      Tabs: { itemSelectedColor: dark ? "#5cc0e0" : "#0b6e8f", itemHoverColor: dark ? "#8ad4ee" : "#07526b", inkBarColor: dark ? "#5cc0e0" : "#0b6e8f" },
      Menu: { itemSelectedColor: dark ? "#8ad4ee" : "#07526b", itemSelectedBg: dark ? "#1d3742" : "#e2f1f7" },
    },
  };
}

export function nonceOfPage(): string | undefined {
  return document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce;
}

export function ThemeProvider({ children }: { children: ReactNode }): ReactNode {
  const { language } = useLanguage();
  const [dark, choose] = useState(atStart);
  const shade = useMemo<Shade>(
    () => ({
      dark,
      setDark: (next) => {
        localStorage.setItem(KEPT, next ? "dark" : "light");
        choose(next);
      },
    }),
    [dark],
  );
  useEffect(() => {
    document.documentElement.dataset["shade"] = dark ? "dark" : "light";
  }, [dark]);
  const nonce = nonceOfPage();
  return (
    <Context value={shade}>
      <ConfigProvider
        theme={config(dark)}
        locale={language === "zh" ? zhCN : enUS}
        csp={nonce === undefined ? undefined : { nonce }}
        button={{ autoInsertSpace: false }}
      >
        <AntApp>{children}</AntApp>
      </ConfigProvider>
    </Context>
  );
}
