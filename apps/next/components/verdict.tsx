import type { ReactNode } from "react";
import type { Outcome } from "../lib/outcome.ts";

/** Whether it was allowed, by which rule or why not, and the id under which the log has a rejection. */
export function Verdict({ outcome }: { readonly outcome: NonNullable<Outcome> }): ReactNode {
  if ("done" in outcome) {
    const { done, why } = outcome;
    return (
      <div className="verdict">
        <p>{done}</p>
        {why !== undefined && <p className="quiet">{why}</p>}
      </div>
    );
  }
  const { status, code, why, id } = outcome.refused;
  return (
    <div className="verdict refused">
      <p>
        <strong>{status}</strong> <code>{code}</code>
      </p>
      {why !== undefined && <p>{why}</p>}
      {id !== undefined && (
        <p className="id">
          <a href={`#id-${id}`}>{id}</a>
        </p>
      )}
    </div>
  );
}
