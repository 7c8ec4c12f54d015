/** The frame of a page: its title and acts; and what it shows when the caller may not see it, or while it loads. */
import { LockOutlined } from "@ant-design/icons";
import { Empty, Result, Skeleton, Typography } from "antd";
import { useEffect, type ReactNode } from "react";
import { useMay, type Right } from "@/shared/api/session";
import { useT } from "@/shared/i18n/language";

interface Props {
  title: string;
  subtitle?: ReactNode;
  acts?: ReactNode;
  children: ReactNode;
}

export function Page({ title, subtitle, acts, children }: Props): ReactNode {
  const t = useT();
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title, t]);
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <Typography.Title level={1} className="page-title">{title}</Typography.Title>
          {subtitle !== undefined && <Typography.Text type="secondary">{subtitle}</Typography.Text>}
        </div>
        {acts !== undefined && <div className="page-acts">{acts}</div>}
      </header>
      {children}
    </div>
  );
}

/** Shows its children to callers with the right, and says plainly what is missing to the others. */
export function Needs({ right, children }: { right: Right; children: ReactNode }): ReactNode {
  const t = useT();
  const may = useMay();
  if (may(right)) return children;
  return (
    <Result
      icon={<LockOutlined />}
      title={t("state.forbidden")}
      subTitle={t("state.forbidden.fix", { right: t(`right.${right}`) })}
    />
  );
}

/** `rows` as what is to come: a page has six, a panel fewer. */
export function Loading({ rows = 6 }: { rows?: number }): ReactNode {
  const t = useT();
  return (
    <div role="status" aria-label={t("state.loading")} className={rows < 6 ? undefined : "loading"}>
      <Skeleton active title={rows >= 6} paragraph={{ rows }} />
    </div>
  );
}

/** Nothing to show, with the reason and what to do. */
export function Nothing({ title, fix }: { title: string; fix?: ReactNode }): ReactNode {
  return (
    <Empty
      image={Empty.PRESENTED_IMAGE_SIMPLE}
      description={
        <>
          <div>{title}</div>
          {fix !== undefined && <Typography.Text type="secondary">{fix}</Typography.Text>}
        </>
      }
    />
  );
}
