import type { ReactNode } from "react";
import type { Outcome } from "../lib/outcome.ts";

/** Whether it was allowed; and if not why, and under which id the log has it. */
export function Verdict({ outcome }: { readonly outcome: NonNullable<Outcome> }): ReactNode {
  if ("done" in outcome) return <p className="verdict">{outcome.done}</p>;
  const { status, code, why, id } = outcome.refused;
  return (
    <div className="verdict refused">
      <p>
        <strong>{status}</strong> <code>{code}</code>
      </p>
      {why !== undefined && <p>{why}</p>}
      {id !== undefined && <p className="id">{id}</p>}
    </div>
  );
}
