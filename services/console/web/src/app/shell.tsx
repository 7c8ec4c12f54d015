/** What stands around every page: where one can go, the search box, language, shade, and who one is. */
import { BulbOutlined, MenuOutlined, TranslationOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { Alert, Button, Drawer, Dropdown, Grid, Layout, type Input, Menu, Tooltip } from "antd";
import { useMemo, useRef, useState, type ReactNode, type ComponentRef } from "react";
import { answered, api } from "@/shared/api/client";
import { useMay, useSession } from "@/shared/api/session";
import { useLanguage, useT } from "@/shared/i18n/language";
import { Dialog } from "@/shared/ui/dialog";
import { SearchField } from "@/shared/ui/search-field";
import { actsNow, useActs } from "@/shared/ui/shortcuts";
import { useShade } from "@/shared/ui/theme";
import { PLACES } from "./places";

export function Shell(): ReactNode {
  const t = useT();
  const wide = Grid.useBreakpoint().lg === true;
  const [open, setOpen] = useState(false);
  return (
    <Layout className="shell">
      <a className="skip" href="#content">{t("nav.skip")}</a>
      <Layout.Header className="shell-head">
        {!wide && <Button type="text" icon={<MenuOutlined />} aria-label={t("nav.menu")} onClick={() => { setOpen(true); }} />}
        <Link to="/" className="brand" aria-label={t("app.name")}>
          <img src="/icon.svg" alt="" />
          <span>{t("app.name")}</span>
        </Link>
        <SearchBox />
        <Tools />
      </Layout.Header>
      <Layout>
        {wide ? (
          <Layout.Sider className="shell-sider" width={200}>
            <nav className="shell-sider-inner"><Places /></nav>
          </Layout.Sider>
        ) : (
          <Drawer className="shell-drawer" placement="left" size={260} getContainer={false} rootStyle={{ position: "fixed" }} open={open} onClose={() => { setOpen(false); }} title={t("nav.menu")}>
            <nav><Places went={() => { setOpen(false); }} /></nav>
          </Drawer>
        )}
        <Layout.Content id="content" tabIndex={-1} role="main">
          <OpenBanner />
          <Outlet />
        </Layout.Content>
      </Layout>
      <Shortcuts />
    </Layout>
  );
}

function Places({ went }: { went?: () => void }): ReactNode {
  const t = useT();
  const may = useMay();
  const here = useLocation({ select: (location) => location.pathname });
  const shown = PLACES.filter((place) => place.rights.length === 0 || place.rights.some(may));
  return (
    <Menu
      mode="inline"
      selectedKeys={[here]}
      {...(went === undefined ? {} : { onClick: went })}
      items={shown.map((place) => ({ key: place.to, icon: place.icon, label: <Link to={place.to}>{t(place.label)}</Link> }))}
    />
  );
}

function SearchBox(): ReactNode {
  const navigate = useNavigate();
  const may = useMay()("query");
  const box = useRef<ComponentRef<typeof Input.Search>>(null);
  useActs(useMemo(() => (may ? [{ label: "shortcuts.search" as const, keys: "/", perform: () => { box.current?.focus(); } }] : []), [may]));
  if (!may) return <div className="shell-search" />;
  return <SearchField ref={box} search={(q) => { void navigate({ to: "/search", search: { q } }); }} />;
}

function Tools(): ReactNode {
  const t = useT();
  const { language, speak } = useLanguage();
  const { dark, setDark } = useShade();
  return (
    <div className="shell-tools">
      <Tooltip title={t("user.language.label")}>
        <Button
          type="text"
          icon={<TranslationOutlined />}
          aria-label={t("user.language.label")}
          onClick={() => { speak(language === "en" ? "zh" : "en"); }}
        />
      </Tooltip>
      <Tooltip title={t(dark ? "user.light" : "user.dark")}>
        <Button type="text" icon={<BulbOutlined />} aria-label={t(dark ? "user.light" : "user.dark")} onClick={() => { setDark(!dark); }} />
      </Tooltip>
      <WhoIAm />
    </div>
  );
}

function WhoIAm(): ReactNode {
  const t = useT();
  const navigate = useNavigate();
  const session = useSession();
  const signOut = useMutation({
    mutationFn: () => answered(api.DELETE("/api/v1/session")),
    // the whole page anew: nothing that was seen stays in memory
    onSettled: () => { globalThis.location.assign("/sign-in"); },
  });
  if (!session.signed_in) return null;
  const name = session.me?.shown ?? session.me?.name ?? "";
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          { key: "me", label: t("user.me"), onClick: () => void navigate({ to: "/me" }) },
          { key: "out", label: t("user.signOut"), onClick: () => { signOut.mutate(); } },
        ],
      }}
    >
      <Button type="text" aria-label={`${t("user.menu")} ${name}`}>{name}</Button>
    </Dropdown>
  );
}

function OpenBanner(): ReactNode {
  const t = useT();
  if (!useSession().open) return null;
  return <Alert banner type="info" title={<>{t("open.banner")} {t("open.fix")}</>} />;
}

function Shortcuts(): ReactNode {
  const t = useT();
  const [open, setOpen] = useState(false);
  useActs(useMemo(() => [{ label: "shortcuts.help" as const, keys: "?", perform: () => { setOpen(true); } }], []));
  return (
    <Dialog title={t("shortcuts.title")} open={open} onCancel={() => { setOpen(false); }} footer={null}>
      <dl className="keys">
        {open && actsNow().map((act) => (
          <div key={act.keys}><dt><kbd>{act.keys}</kbd></dt><dd>{t(act.label)}</dd></div>
        ))}
      </dl>
    </Dialog>
  );
}
