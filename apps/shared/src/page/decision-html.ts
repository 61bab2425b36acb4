import { html, type Html } from "./html.ts";
import type { LoggedEvent, LoggedRequest, RequestLog } from "./request-log.ts";

/** The last requests, newest first. */
export function decisionList({ recent }: RequestLog): Html {
  return html`<ol>
    ${recent.toReversed().map(decision)}
  </ol>`;
}

function decision({ server, time, method, path, status, mode, caller, events }: LoggedRequest): Html {
  const at = new Date(time);
  return html`<li>
    <div class="route">
      <span>${server === "supplier" ? "supplier " : ""}${method} ${path}</span>
      <b class="${status < 400 ? "good" : "bad"}">${status}</b>
    </div>
    <div class="quiet">
      <time datetime="${at.toISOString()}">${at.toLocaleTimeString("en-GB")}</time> ·
      ${caller ?? "unknown caller"} · ${mode ?? "no mode"}
    </div>
    ${eventList(events, "target", caller)}
  </li>`;
}

/** @param id whether the id of a rejection is a link, or the target of such links */
export function eventList(
  events: readonly LoggedEvent[],
  id: "target" | "link",
  caller: string | undefined,
): Html {
  if (events.length === 0)
    return html`<p class="quiet">Nothing to decide: the route is open, or there is none.</p>`;
  return html`<ol class="events">
    ${events.map((event) => eventItem(event, id, caller))}
  </ol>`;
}

function eventItem(
  { type, id, code, reason }: LoggedEvent,
  anchor: "target" | "link",
  caller: string | undefined,
): Html {
  if (type === "accepted")
    return html`<li>✓ verified${caller && ` as ${caller}`}${reason && `: ${reason}`}</li>`;
  if (type === "allowed") return html`<li>✓ allowed: ${reason}</li>`;
  const text = html`✗ <code>${code}</code> ${reason}`;
  return anchor === "target"
    ? html`<li class="bad" id="id-${id}">${text} <small>${id}</small></li>`
    : html`<li class="bad">
        ${text} <a href="#id-${id}"><small>${id}</small></a>
      </li>`;
}
