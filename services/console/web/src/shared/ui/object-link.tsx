/** An object by its name or number, leading to its page; the code is one click away, as of every key. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { nameOf, productOf, shortOf } from "./keys";
import { CodeButton } from "./words";

interface Props {
  code: string;
  names?: Record<string, string> | undefined;
  knownAt?: string | undefined;
}

/** Where the object has no name of its own, its product's stands behind the number. */
export function ObjectLink({ code, names, knownAt }: Props): ReactNode {
  const product = productOf(code);
  const beside = names?.[code] === undefined && product !== null ? names?.[product] : undefined;
  return (
    <span className="named">
      <Link to="/object" search={{ id: code, known_at: knownAt }}>{nameOf(code, names)}</Link>
      {beside !== undefined && <span className="muted">{beside}</span>}
      <CodeButton code={code} name={shortOf(code)} />
    </span>
  );
}
