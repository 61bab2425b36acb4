"use client";

import { type ReactNode, useEffect, useState } from "react";
import type { LoggedEvent, LoggedRequest } from "@authmodes/app-shared";

const kept = 20;

/** What the shop decided last, and what it decides from now on. */
export function Decisions({ recent }: { readonly recent: readonly LoggedRequest[] }): ReactNode {
  const [requests, setRequests] = useState(recent.toReversed());
  const [isConnected, setConnected] = useState(true);

  useEffect(() => {
    const events = new EventSource("/demo/events");
    events.addEventListener("open", () => setConnected(true));
    events.addEventListener("error", () => setConnected(false));
    events.addEventListener("message", ({ data }: MessageEvent<string>) => {
      const request = JSON.parse(data) as LoggedRequest;
      // A new connection begins with the last requests again.
      setRequests((before) =>
        before.some(({ requestId }) => requestId === request.requestId)
          ? before
          : [request, ...before].slice(0, kept),
      );
    });
    return () => events.close();
  }, []);

  return (
    <section className="decisions" aria-labelledby="decisions">
      <h2 id="decisions">Decisions</h2>
      <p className="quiet">
        {isConnected
          ? "The last requests that were authenticated or rejected, newest first."
          : "The shop does not answer. This list goes on when it is back."}
      </p>
      {/* It scrolls, so the keyboard has to reach it. */}
      <ol tabIndex={0} aria-labelledby="decisions">
        {requests.map((request) => (
          <Line key={request.requestId} request={request} />
        ))}
      </ol>
    </section>
  );
}

function Line({ request }: { readonly request: LoggedRequest }): ReactNode {
  const { server, time, method, path, status, mode, caller, events } = request;
  return (
    <li className={status < 400 && !events.some(isRejection) ? "allowed" : "refused"}>
      <p className="request">
        <span>
          {server === "supplier" && "supplier "}
          {method} {path}
        </span>
        <b>{status}</b>
      </p>
      <p>
        <time suppressHydrationWarning>{new Date(time).toLocaleTimeString("en-GB")}</time> ·{" "}
        {caller ?? "unknown caller"} · {mode ?? "no mode"}
      </p>
      {events.map((event, index) => (
        <Event key={`${event.id} ${index}`} event={event} />
      ))}
    </li>
  );
}

function Event({ event }: { readonly event: LoggedEvent }): ReactNode {
  const { type, id, code, reason } = event;
  if (type === "accepted") return <p>✓ verified</p>;
  if (type === "allowed") return <p>✓ allowed: {reason}</p>;
  return (
    <p id={`id-${id}`}>
      ✗ <code>{code}</code> {reason} <span className="id">{id}</span>
    </p>
  );
}

function isRejection({ type }: LoggedEvent): boolean {
  return type === "refused";
}
