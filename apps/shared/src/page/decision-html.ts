import { html, type Html, template } from "./html.ts";
import type { LoggedEvent, LoggedRequest, RequestLog } from "./request-log.ts";

const decisionHtml = template("decision.html");

/** The last requests, newest first. */
export function decisionList({ recent }: RequestLog): Html {
  return html`<ol>
    ${recent.toReversed().map(decision)}
  </ol>`;
}

function decision({ server, time, method, path, status, mode, caller, events }: LoggedRequest): Html {
  const at = new Date(time);
  return decisionHtml({
    route: `${server === "supplier" ? "supplier " : ""}${method} ${path}`,
    outcome: status < 400 ? "good" : "bad",
    status,
    date: at.toISOString(),
    time: at.toLocaleTimeString("en-GB"),
    caller: caller ?? "unknown caller",
    mode: mode ?? "no mode",
    events: eventList(events, "target", caller),
  });
}

/** @param id whether the id of a rejection is a link, or the target of such links */
export function eventList(
  events: readonly LoggedEvent[],
  id: "target" | "link",
  caller: string | undefined,
): Html {
  if (events.length === 0)
    return html`<p class="quiet">Nothing to decide: the route is open, or there is none.</p>`;
  const items = events.map(({ type, id: eventId, code, reason }) => {
    if (type === "accepted")
      return html`<li>✓ verified${caller && ` as ${caller}`}${reason && `: ${reason}`}</li>`;
    if (type === "allowed") return html`<li>✓ allowed: ${reason}</li>`;
    const text = html`✗ <code>${code}</code> ${reason}`;
    return id === "target"
      ? html`<li class="bad" id="id-${eventId}">${text} <small>${eventId}</small></li>`
      : html`<li class="bad">
          ${text} <a href="#id-${eventId}"><small>${eventId}</small></a>
        </li>`;
  });
  return html`<ol class="events">
    ${items}
  </ol>`;
}
