import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { type Auth, AuthError, type AuthEvent } from "@authmodes/core";
import type { Middleware } from "../http/middleware.ts";
import type { Paint } from "../command/paint.ts";

/**
 * One event of a request: the caller was verified, a rule allowed it, or it was rejected. The reason, with its detail, is for
 * the people who run the shop. A rejected caller quotes the id.
 */
export type LoggedEvent = Pick<AuthEvent, "type" | "id" | "code" | "reason">;

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
  /** Events of our own requests, by the ids that we gave them. */
  readonly #followed = new Map<string, AuthEvent[]>();
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
    const events: AuthEvent[] = [];
    this.#followed.set(requestId, events);
    try {
      const answer = await send(requestId);
      return { answer, events: events.map(toLogged) };
    } finally {
      this.#followed.delete(requestId);
    }
  }

  /** Logs the requests of a server. Mount it first. */
  watch(server: LoggedRequest["server"], auth: Auth): Middleware {
    // Events do not name their request, so each request has an asynchronous context.
    const context = new AsyncLocalStorage<AuthEvent[]>();
    auth.onEvent((event) => {
      const events = context.getStore();
      if (events !== undefined) return void events.push(event);
      const { time, path, code } = event;
      if (!path.startsWith("/graphql")) return;
      // A message over a WebSocket is part of no request, and has no status of its own.
      const status = code === undefined ? 200 : new AuthError(code, code).status;
      this.#add({ requestId: randomUUID(), server, time, method: "WS", path, status }, [event]);
    });
    return (request, response, next) => {
      const { method = "", url = "", headers } = request;
      const announced = String(headers["x-request-id"]);
      const followed = this.#followed.get(announced);
      const requestId = followed === undefined ? randomUUID() : announced;
      const events = followed ?? [];
      const time = Date.now();
      response.once("close", () => {
        const { statusCode: status } = response;
        this.#add({ requestId, server, time, method, path: printablePath(url), status }, events);
      });
      context.run(events, next);
    };
  }

  #add(request: Omit<LoggedRequest, "mode" | "caller" | "events">, events: readonly AuthEvent[]): void {
    const { mode, caller = null, type } = events.at(-1) ?? {};
    // Identities of `lambda` and `none` have no id: the mode names them.
    const unnamed = type === "refused" ? undefined : mode;
    const name = caller === null ? unnamed : (this.#names.get(caller) ?? caller);
    const logged = { ...request, mode, caller: name, events: events.map(toLogged) };
    if (events.length > 0) {
      this.recent.push(logged);
      if (this.recent.length > kept) this.recent.shift();
    }
    for (const listener of this.#listeners) listener(logged);
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
  const [first = [], ...others] = events
    .filter(({ type, reason }) => type !== "accepted" || reason !== undefined)
    .map(({ type, id, reason = type }) => (type === "refused" ? [reason, paint("dim", id)] : [reason]));
  const head = [route.padEnd(28), who.padEnd(18), paint(status < 400 ? "green" : "yellow", String(status))];
  return [[...head, ...first], ...others.map((words) => ["", ...words])]
    .map((words) => words.join("  "))
    .join("\n");
}

function printablePath(url: string): string {
  const path = url.split("?", 1)[0] ?? "";
  return path.slice(0, 200).replaceAll(/[^\x21-\x7e]/g, "?");
}
