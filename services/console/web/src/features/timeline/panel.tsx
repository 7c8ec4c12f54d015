/** A panel's frame: its title, its files, its full view; a fault of it stays in it. */
import { CompressOutlined, DownloadOutlined, ExpandOutlined } from "@ant-design/icons";
import type { UseQueryResult } from "@tanstack/react-query";
import { Button, Dropdown, Skeleton, Tooltip } from "antd";
import { Component, useId, type ReactNode } from "react";
import { useMay } from "@/shared/api/session";
import { useT } from "@/shared/i18n/language";
import type { Key } from "@/shared/i18n/words";
import { ProblemAlert } from "@/shared/ui/problem-alert";
import { useView } from "./use-view";
import type { Panel as PanelName } from "./view";

export interface Files {
  csv: () => void;
  json: () => void;
}

interface Props {
  name: PanelName;
  title: Key;
  /** Beside the title: counts, choices. */
  extra?: ReactNode;
  files?: Files | undefined;
  children: ReactNode;
}

export function Panel({ name, title, extra, files, children }: Props): ReactNode {
  const t = useT();
  const id = useId();
  const { search, change } = useView();
  const full = search.v === name;
  const say = full ? t("timeline.panel.leave") : t("timeline.panel.full");
  return (
    <section className="tl-panel" aria-labelledby={id} data-panel={name}>
      <header className="tl-panel-head">
        <h2 id={id}>{t(title)}</h2>
        <div className="tl-panel-extra">{extra}</div>
        {files !== undefined && <FilesButton title={t(title)} files={files} />}
        <Tooltip title={say}>
          <Button
            type="text" size="small" icon={full ? <CompressOutlined /> : <ExpandOutlined />} aria-label={`${say} ${t(title)}`}
            onClick={() => { change({ v: full ? undefined : name }); }}
          />
        </Tooltip>
      </header>
      <Fence>{children}</Fence>
    </section>
  );
}

function FilesButton({ title, files }: { title: string; files: Files }): ReactNode {
  const t = useT();
  const may = useMay();
  if (!may("export")) return null;
  return (
    <Dropdown trigger={["click"]} menu={{ items: [{ key: "csv", label: t("timeline.csv"), onClick: files.csv }, { key: "json", label: t("timeline.json"), onClick: files.json }] }}>
      <Button type="text" size="small" icon={<DownloadOutlined />} aria-label={`${t("timeline.download")} ${title}`} />
    </Dropdown>
  );
}

/** An error while drawing is shown in place of what could not be drawn. */
class Fence extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return <ProblemAlert error={this.state.error} retry={() => { this.setState({ error: null }); }} />;
  }
}

/** What a panel's question shows while it is asked and when it failed; an older answer stays while it is asked again. */
export function Asking<T>({ query, rows = 2, children }: { query: UseQueryResult<T>; rows?: number; children: (answer: T) => ReactNode }): ReactNode {
  if (query.isError) return <ProblemAlert error={query.error} retry={() => { void query.refetch(); }} />;
  if (query.data === undefined) return <Skeleton active title={false} paragraph={{ rows }} className="tl-loading" />;
  return <div className={query.isPlaceholderData ? "tl-older" : undefined} aria-busy={query.isFetching}>{children(query.data)}</div>;
}
