/** What a text is a part of. A whole code, or a number that one object alone has, leads straight to that object. */
import { useQuery } from "@tanstack/react-query";
import { Navigate, useNavigate } from "@tanstack/react-router";
import { Alert } from "antd";
import type { ReactNode } from "react";
import { useT } from "@/shared/i18n/language";
import { Loading, Needs, Nothing, Page } from "@/shared/ui/page";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { SearchField } from "@/shared/ui/search-field";
import { FOUND, searchQuery } from "./api";
import { FoundList } from "./found-list";
import { meantOf, namesakes } from "./model";

export function SearchPage({ q }: { q: string }): ReactNode {
  const t = useT();
  const navigate = useNavigate();
  return (
    <Page title={t("search.label")}>
      <Needs right="query">
        <div className="stack">
          <SearchField key={q} start={q} big search={(text) => { void navigate({ to: "/search", search: { q: text } }); }} />
          {q === "" ? <p className="muted">{t("search.about")}</p> : <Results q={q} />}
        </div>
      </Needs>
    </Page>
  );
}

function Results({ q }: { q: string }): ReactNode {
  const t = useT();
  const found = useQuery(searchQuery(q));
  if (found.isError) return <ProblemAlert error={found.error} retry={() => { void found.refetch(); }} />;
  if (found.data === undefined) return <Loading />;
  const meant = meantOf(found.data);
  if (meant !== null) return <Navigate to="/object" search={{ id: meant.id }} replace />;
  if (found.data.length === 0) return <NotFound q={q} />;
  const several = namesakes(found.data).length;
  return (
    <>
      {several > 1 && <Alert type="info" showIcon title={t("search.ambiguous", { count: several, number: q })} description={t("search.ambiguous.fix")} />}
      <FoundList found={found.data} />
      {found.data.length === FOUND && <p className="muted">{t("search.capped", { count: FOUND })}</p>}
    </>
  );
}

function NotFound({ q }: { q: string }): ReactNode {
  const t = useT();
  return (
    <Nothing
      title={t("search.none", { text: q })}
      fix={<ul className="hints">{(["search.none.spelling", "search.none.part", "search.none.later"] as const).map((hint) => <li key={hint}>{t(hint)}</li>)}</ul>}
    />
  );
}
