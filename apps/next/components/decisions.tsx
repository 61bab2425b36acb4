"use client";

import { type ReactNode, useEffect, useState } from "react";

interface Decision {
  readonly server: "shop" | "supplier";
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly id: string;
  readonly mode?: string;
  readonly caller?: string;
  readonly code?: string;
  readonly reason?: string;
}

const kept = 20;

/** What the shop decided last, and what it decides from now on. */
export function Decisions(): ReactNode {
  const [decisions, setDecisions] = useState<readonly Decision[]>([]);
  const [isConnected, setConnected] = useState(true);

  useEffect(() => {
    const events = new EventSource("/demo/events");
    events.addEventListener("open", () => {
      // A new connection begins with the last decisions again.
      setDecisions([]);
      setConnected(true);
    });
    events.addEventListener("error", () => setConnected(false));
    events.addEventListener("message", ({ data }: MessageEvent<string>) => {
      const decision = JSON.parse(data) as Decision;
      setDecisions((before) => [decision, ...before].slice(0, kept));
    });
    return () => events.close();
  }, []);

  return (
    <section className="decisions" aria-labelledby="decisions">
      <h2 id="decisions">Decisions</h2>
      <p className="quiet">
        {isConnected
          ? "Every request that had to prove something, the newest first."
          : "The shop does not answer. This list goes on when it is back."}
      </p>
      <ol>
        {decisions.map((decision) => (
          <Line key={`${decision.id} ${decision.time}`} decision={decision} />
        ))}
      </ol>
    </section>
  );
}

function Line({ decision }: { readonly decision: Decision }): ReactNode {
  const { server, time, method, path, status, mode, caller, code, reason, id } = decision;
  const clock = new Date(time).toLocaleTimeString([], { hour12: false });
  const who = caller ?? "somebody";
  return (
    <li className={code === undefined ? "allowed" : "refused"}>
      <p className="request">
        <span>
          {server === "supplier" && "supplier "}
          {method} {path}
        </span>
        <b>{code === undefined ? "allowed" : status < 400 ? "refused" : status}</b>
      </p>
      <p>
        {clock} · {who}
        {mode !== undefined && ` by ${mode}`}
        {code !== undefined && (
          <>
            {" · "}
            <code>{code}</code>
          </>
        )}
      </p>
      {reason !== undefined && <p>{reason}</p>}
      {code !== undefined && <p className="id">{id}</p>}
    </li>
  );
}
