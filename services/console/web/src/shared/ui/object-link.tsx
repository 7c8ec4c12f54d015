/** An object by its name or number, leading to its page; the code is one click away, as of every key. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { nameOf } from "./keys";
import { NamedKey } from "./words";

interface Props {
  code: string;
  names?: Record<string, string> | undefined;
  knownAt?: string | undefined;
}

/** `names` may name the object's product, which then stands before the number. */
export function ObjectLink({ code, names, knownAt }: Props): ReactNode {
  return (
    <NamedKey
      code={code}
      fallback={<Link to="/object" search={{ id: code, known_at: knownAt }}>{nameOf(code, names)}</Link>}
    />
  );
}
