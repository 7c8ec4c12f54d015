/** One part of a page: a heading of the second level, what can be done there, and its content. */
import { useId, type ReactNode } from "react";

interface Props {
  title: ReactNode;
  /** Beside the title: a count, a link to more, a button. */
  extra?: ReactNode;
  className?: string;
  children: ReactNode;
}

export function Panel({ title, extra, className, children }: Props): ReactNode {
  const id = useId();
  return (
    <section className={className === undefined ? "panel" : `panel ${className}`} aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {extra !== undefined && <div className="panel-extra">{extra}</div>}
      </header>
      {children}
    </section>
  );
}
