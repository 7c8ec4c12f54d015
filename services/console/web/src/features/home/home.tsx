/** Where one begins: the box that takes anything, what needs attention now, and what was recorded last. */
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay, useSession } from "@/shared/api/session";
import { useT } from "@/shared/i18n/language";
import { LinkButton } from "@/shared/ui/link-button";
import { Page } from "@/shared/ui/page";
import { SearchField } from "@/shared/ui/search-field";
import { Attention } from "./attention";
import { LastEvents } from "./last-events";

export function Home(): ReactNode {
  const t = useT();
  const may = useMay();
  const me = useSession().me;
  const name = me?.shown ?? me?.name;
  return (
    <Page title={name == null ? t("nav.home") : t("home.hello", { name })}>
      <div className="stack">
        {may("query") && <Find />}
        <div className="columns">
          <Attention />
          {may("query") ? <LastEvents /> : <Rooms />}
        </div>
      </div>
    </Page>
  );
}

function Find(): ReactNode {
  const t = useT();
  const may = useMay();
  const navigate = useNavigate();
  return (
    <section className="home-find" aria-label={t("search.label")}>
      <SearchField big autoFocus search={(q) => { void navigate({ to: "/search", search: { q } }); }} />
      <p className="muted tight">{t("home.find")}</p>
      {may("trace") && <LinkButton to="/recall">{t("home.recall")}</LinkButton>}
    </section>
  );
}

/** What an administrator begins with, who sees nothing of what was recorded. */
function Rooms(): ReactNode {
  const t = useT();
  const may = useMay();
  return (
    <section className="panel">
      <p>{t("home.rooms")}</p>
      <div className="row">
        {(may("accounts") || may("keys") || may("audit")) && <LinkButton to="/people">{t("nav.people")}</LinkButton>}
        {may("operate") && <LinkButton to="/system">{t("nav.system")}</LinkButton>}
      </div>
    </section>
  );
}
