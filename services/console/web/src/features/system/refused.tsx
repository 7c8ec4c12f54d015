/**
 * Calls that were refused, with the fix of each fault; what the reader may send is sent again from here. One that was sent
 * again and refused again stands here once, as it came last.
 */
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Input, Tag } from "antd";
import { useState, type ReactNode } from "react";
import { besideFaults } from "@/shared/api/problem";
import { useMay } from "@/shared/api/session";
import { useT } from "@/shared/i18n/language";
import { Loading, Nothing, Page } from "@/shared/ui/page";
import { Panel } from "@/shared/ui/panel";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { Time } from "@/shared/ui/words";
import { refusedQuery, sendAgain, type Refused } from "./api";
import { isWhole } from "./model";

export function RefusedCalls(): ReactNode {
  const t = useT();
  const may = useMay();
  const found = useInfiniteQuery({ ...refusedQuery, enabled: may("capture") || may("audit") || may("operate") });
  const calls = found.data?.pages.flatMap((page) => page.refused).filter((call) => !call.superseded) ?? [];
  return (
    <Page title={t("refused.title")} subtitle={t("refused.about")}>
      <div className="stack">
        {!found.isEnabled && <Nothing title={t("state.forbidden")} />}
        {found.isLoading && <Loading />}
        {found.isError && <ProblemAlert error={found.error} retry={() => { void found.refetch(); }} />}
        {found.isSuccess && calls.length === 0 && <Nothing title={t("refused.none")} />}
        {calls.map((call) => <Call key={call.id} call={call} />)}
        {found.hasNextPage && <Button block loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>{t("act.more")}</Button>}
      </div>
    </Page>
  );
}

function Call({ call }: { call: Refused }): ReactNode {
  const t = useT();
  const taken = call.answered;
  return (
    <Panel title={<span className="code small">{call.call}</span>} extra={<Time at={call.received} />}>
      <div className="row">
        <Tag>{call.status}</Tag>
        {call.attempts > 1 && <Tag>{t("refused.attempts", { count: call.attempts })}</Tag>}
        {taken && <Tag color="green">{t("refused.taken")}</Tag>}
        <span>{besideFaults(call.detail, call.errors)}</span>
      </div>
      <ul className="tight">
        {call.errors.map((one) => (
          <li key={`${one.field} ${one.fix}`}><span className="code">{one.field}</span> <span className="muted">{one.value}</span> <span>{one.fix}</span></li>
        ))}
      </ul>
      <details>
        <summary>{t("refused.body")}</summary>
        <pre className="raw" tabIndex={0}>{call.body}</pre>
      </details>
      {!taken && <Again call={call} />}
    </Panel>
  );
}

function Again({ call }: { call: Refused }): ReactNode {
  const t = useT();
  const { message } = App.useApp();
  const client = useQueryClient();
  const may = useMay();
  const [mended, mend] = useState<string | null>(null);
  const again = useMutation({
    mutationFn: () => sendAgain(call, mended),
    onSuccess: () => { void message.success(t("refused.again.done")); },
    // refused again it takes the place of this one, whose notice goes with it
    onError: () => { void message.warning(t("refused.again.failed")); },
    // it may be an event now, and any answer another
    onSettled: () => client.invalidateQueries(),
  });
  if (!may("capture") || call.id.startsWith("late-")) return null;
  return (
    <div className="stack">
      {again.isError && <ProblemAlert error={again.error} />}
      {mended !== null && <Input.TextArea className="code" rows={10} value={mended} aria-label={t("refused.mended")} onChange={(event) => { mend(event.target.value); }} />}
      <div className="row">
        <Button type={mended === null ? "default" : "primary"} loading={again.isPending} onClick={() => { again.mutate(); }}>{t(mended === null ? "refused.again" : "refused.again.mended")}</Button>
        {isWhole(call.body) && <Button onClick={() => { mend(mended === null ? call.body : null); }}>{t(mended === null ? "refused.mend" : "act.cancel")}</Button>}
      </div>
    </div>
  );
}
