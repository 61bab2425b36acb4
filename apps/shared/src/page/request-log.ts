import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { type Auth, AuthError, type AuthEvent } from "@authmodes/core";
import type { Middleware } from "../http/middleware.ts";
import type { Paint } from "../command/table.ts";

/** One event of a request: the caller was verified, a rule allowed it, or it was rejected. */
export interface LoggedEvent {
  readonly type: AuthEvent["type"];
  /** What a rejected caller quotes. Several verifications of one request have different ids. */
  readonly id: string;
  readonly code: string | undefined;
  /** Why, for the people who run the shop: never sent to callers. */
  readonly reason: string | undefined;
}

/** An answered request. */
export interface LoggedRequest {
  readonly requestId: string;
  readonly server: "shop" | "supplier";
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly method: string;
  /** Without the query, which may hold credentials. */
  readonly path: string;
  readonly status: number;
  readonly mode: string | undefined;
  readonly caller: string | undefined;
  /** In the order in which they happened; none on open routes. */
  readonly events: readonly LoggedEvent[];
}

type Listener = (request: LoggedRequest) => void;

const kept = 20;

/** The requests of the shop and its supplier, with what was decided about each. */
export class RequestLog {
  /** The last 20 requests that were authenticated or rejected, the newest last. */
  readonly recent: LoggedRequest[] = [];
  readonly #announced = new Set<string>();
  readonly #unanswered = new Map<string, AuthEvent[]>();
  readonly #listeners = new Set<Listener>();
  readonly #names: ReadonlyMap<string, string>;

  /** @param names of callers, by the ids of their identities */
  constructor(names: ReadonlyMap<string, string>) {
    this.#names = names;
  }

  /** Returns a function that stops listening. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Logs a request of our own under an id that we know.
   * @param send sends the request with the header `x-request-id`, which is ignored in other requests
   * @returns what `send` returned, and the events of the request so far
   */
  async follow<Answer>(
    send: (requestId: string) => Promise<Answer>,
  ): Promise<{ readonly answer: Answer; readonly events: readonly LoggedEvent[] }> {
    const requestId = randomUUID();
    this.#announced.add(requestId);
    try {
      const answer = await send(requestId);
      const logged = this.recent.findLast((request) => request.requestId === requestId);
      return { answer, events: this.#unanswered.get(requestId)?.map(toLogged) ?? logged?.events ?? [] };
    } finally {
      this.#announced.delete(requestId);
    }
  }

  /** Logs the requests of a server. Mount it first. */
  watch(server: LoggedRequest["server"], auth: Auth): Middleware {
    // Events do not name their request, so each request has an asynchronous context.
    const context = new AsyncLocalStorage<AuthEvent[]>();
    auth.onEvent((event) => {
      const events = context.getStore();
      if (events !== undefined) events.push(event);
      else if (event.path.startsWith("/graphql")) this.#addMessage(server, event);
    });
    return (request, response, next) => {
      const events: AuthEvent[] = [];
      const announced = String(request.headers["x-request-id"]);
      const requestId = this.#announced.has(announced) ? announced : randomUUID();
      const time = Date.now();
      const { method = "", url = "" } = request;
      this.#unanswered.set(requestId, events);
      response.once("close", () => {
        this.#unanswered.delete(requestId);
        const { statusCode: status } = response;
        this.#add({
          requestId,
          server,
          time,
          method,
          path: printablePath(url),
          status,
          ...this.#decided(events),
        });
      });
      context.run(events, next);
    };
  }

  /** A message over a WebSocket is part of no request, and has no status of its own. */
  #addMessage(server: LoggedRequest["server"], event: AuthEvent): void {
    const { time, path, code } = event;
    const status = code === undefined ? 200 : new AuthError(code, code).status;
    const method = "WS";
    this.#add({ requestId: randomUUID(), server, time, method, path, status, ...this.#decided([event]) });
  }

  #decided(events: readonly AuthEvent[]): Pick<LoggedRequest, "mode" | "caller" | "events"> {
    const { mode, caller, type } = events.at(-1) ?? { mode: undefined, caller: null, type: undefined };
    // Identities of `lambda` and `none` have no id: the mode names them.
    const name =
      caller === null ? (type === "refused" ? undefined : mode) : (this.#names.get(caller) ?? caller);
    return { mode, caller: name, events: events.map(toLogged) };
  }

  #add(request: LoggedRequest): void {
    if (request.events.length > 0) {
      this.recent.push(request);
      if (this.recent.length > kept) this.recent.shift();
    }
    for (const listener of this.#listeners) listener(request);
  }
}

/** A rule's sentence explains itself; other rejections have a reason as a word. */
function toLogged({ type, id, code, reason, detail }: AuthEvent): LoggedEvent {
  const isByRule = type === "allowed" || code === "forbidden" || code === "not_found";
  const words = isByRule && detail !== undefined ? [detail] : [reason, detail];
  return { type, id, code, reason: words.filter(Boolean).join(": ") || undefined };
}

/**
 * A request in the terminal: `GET /orders/104  alice userPool  403  Order owner: bob, not alice  <id>`. Further events
 * have lines of their own, such as those of a GraphQL document. Rejections alone have an id.
 */
export function requestLines(
  { server, method, path, status, caller, mode, events }: LoggedRequest,
  paint: Paint,
): string {
  const route = `${server === "supplier" ? "supplier: " : ""}${method} ${path}`;
  const who = `${caller ?? "-"} ${mode ?? "-"}`;
  const head = [route.padEnd(28), who.padEnd(18), paint(status < 400 ? "green" : "yellow", String(status))];
  const [first, ...others] = events
    .filter(({ type, reason }) => type !== "accepted" || reason !== undefined)
    .map(({ type, id, reason }) =>
      [reason ?? type, ...(type === "refused" ? [paint("dim", id)] : [])].join("  "),
    );
  return [
    [...head, ...(first === undefined ? [] : [first])].join("  "),
    ...others.map((line) => `  ${line}`),
  ].join("\n");
}

function printablePath(url: string): string {
  const path = url.split("?", 1)[0] ?? "";
  return path.slice(0, 200).replaceAll(/[^\x21-\x7e]/g, "?");
}
