import type { ReactNode } from "react";
import type { Decided } from "../../api.ts";
import { Facts } from "../parts/facts.tsx";

/** The last decisions, the newest first. */
export function LiveView({
  decisions,
  isConnected,
}: {
  readonly decisions: readonly Decided[];
  readonly isConnected: boolean;
}): ReactNode {
  return (
    <div className="page">
      <div className="title">
        <h1>Decisions</h1>
        <span className={isConnected ? "badge on" : "badge"}>{isConnected ? "live" : "connecting"}</span>
      </div>
      <p className="lead">
        What the server decides, as it happens. Open a refusal to see what each mode made of it.
      </p>
      {decisions.length === 0 && <p className="hint">Nothing yet. Send the server a request.</p>}
      <ul className="decisions">
        {decisions.toReversed().map((decision) => (
          <li key={`${decision.id} ${decision.type} ${decision.time}`} className={decision.type}>
            <details>
              <summary>
                <span className={`outcome ${decision.type}`}>{decision.type}</span>
                <time dateTime={new Date(decision.time).toISOString()}>
                  {new Date(decision.time).toISOString().slice(11, 19)}
                </time>
                <code>
                  {decision.method} {decision.path}
                </code>
                <span className="caller">
                  {decision.mode ?? "no mode"} {decision.caller ?? ""}
                </span>
                <span className="why">{decision.reason ?? decision.rule ?? ""}</span>
              </summary>
              <Trace decision={decision} />
            </details>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Trace({ decision }: { readonly decision: Decided }): ReactNode {
  return (
    <div className="trace">
      <Facts
        of={[
          ["id", decision.id],
          ["code", decision.code],
          ["reason", decision.reason],
          ["detail", decision.detail],
          ["rule", decision.rule],
          ["report-only", decision.reportOnly ? "yes: the request passed all the same" : undefined],
        ]}
      />
      <table>
        <thead>
          <tr>
            <th scope="col">mode</th>
            <th scope="col">found in</th>
            <th scope="col">outcome</th>
          </tr>
        </thead>
        <tbody>
          {decision.trace.map(({ mode, place, outcome }) => (
            <tr key={mode} className={outcome}>
              <td>{mode}</td>
              <td>{place ?? "nothing"}</td>
              <td>{outcome}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
