import type { ReactNode } from "react";
import type { Decided } from "../../../api.ts";
import { Facts } from "../../parts/facts.tsx";
import { hashOf } from "../../route.ts";
import type { LiveRequest } from "./requests.ts";

const outcomeNames = { accepted: "accepted", allowed: "allowed", refused: "rejected" } as const;

/** One request: its outcome, and each step that led there. */
export function Request({ request: { id, events, last } }: { readonly request: LiveRequest }): ReactNode {
  return (
    <li className={last.type}>
      <details>
        <summary>
          <span className={`outcome ${last.type}`}>{outcomeNames[last.type]}</span>
          <time dateTime={new Date(last.time).toISOString()} title={new Date(last.time).toLocaleString()}>
            {new Date(last.time).toLocaleTimeString()}
          </time>
          <code>
            {last.method} {last.path}
          </code>
          <span className="caller">
            {last.mode ?? "no mode"} {last.name ?? last.caller ?? ""}
          </span>
          <span className="why">{last.reason ?? last.rule ?? ""}</span>
        </summary>
        <div className="trace">
          <ol>
            {events.map((event, index) => (
              // Events of a request keep their places.
              <li key={index}>
                <Step event={event} isFirst={index === 0} />
              </li>
            ))}
          </ol>
          <Facts
            of={[
              ["request", id],
              ["caller", last.name === null ? undefined : (last.caller ?? undefined)],
              ["report-only", last.reportOnly ? "yes: the request passed nevertheless" : undefined],
            ]}
          />
        </div>
      </details>
    </li>
  );
}

function Step({ event, isFirst }: { readonly event: Decided; readonly isFirst: boolean }): ReactNode {
  const who = event.name ?? event.caller ?? "a caller without a name";
  // Only the last requests are kept, so the first step of the oldest one may be missing.
  const isKnown = event.isAsked || event.type === "allowed" || event.caller !== null;
  const isByMode = event.type === "accepted" || (isFirst && !isKnown);
  return (
    <>
      <p className={`step ${event.type}`}>
        <strong>{isByMode ? "Authentication" : "Authorization"}</strong>{" "}
        {event.type === "accepted" && `accepted: ${event.mode ?? "no mode"} verified ${who}.`}
        {event.type === "allowed" && `allowed ${who}.`}
        {event.type === "refused" &&
          (isByMode ? "rejected the request." : `denied ${who}, who was authenticated before.`)}
      </p>
      <Facts
        of={[
          ["code", event.code],
          ["reason", event.reason],
          ["detail", event.detail],
          ["rule", event.rule],
        ]}
      />
      {event.isAsked && (
        <p>
          <a href={hashOf({ view: "why", query: `request=${encodeURIComponent(event.id)}` })}>
            Why? Ask the rules with this caller and record
          </a>
        </p>
      )}
      {isByMode && <Trace event={event} />}
    </>
  );
}

function Trace({ event }: { readonly event: Decided }): ReactNode {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">mode</th>
          <th scope="col">found in</th>
          <th scope="col">outcome</th>
        </tr>
      </thead>
      <tbody>
        {event.trace.map(({ mode, place, outcome }) => (
          <tr key={mode} className={outcome}>
            <td>{mode}</td>
            <td>{place ?? "nothing"}</td>
            <td>{outcome}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
