import { AsyncLocalStorage } from "node:async_hooks";
import type { Auth, AuthEvent } from "@authmodes/core";
import type { Middleware } from "./middleware.ts";
import type { Paint } from "./table.ts";

/** A request that was answered, with the last decision about it. */
export interface LoggedRequest {
  readonly server: "shop" | "supplier";
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly method: string;
  /** Without the query, where credentials may sit. */
  readonly path: string;
  readonly status: number;
  /** The id that a refused caller was given; undefined where nobody had to prove anything. */
  readonly id: string | undefined;
  readonly mode: string | undefined;
  readonly caller: string | undefined;
  readonly code: string | undefined;
  /** Why it was allowed or refused, for whoever runs the shop. */
  readonly reason: string | undefined;
}

type Listener = (request: LoggedRequest) => void;

const kept = 20;

/** What was asked and decided, as it happens. */
export class RequestLog {
  /** The last 20 decisions, the newest last. */
  readonly recent: LoggedRequest[] = [];
  readonly #listeners = new Set<Listener>();
  readonly #names: ReadonlyMap<string, string>;

  /** @param names of callers, by the ids of their identities */
  constructor(names: ReadonlyMap<string, string>) {
    this.#names = names;
  }

  /** Returns how to stop. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A middleware that logs the requests of a server. It comes first. */
  watch(server: LoggedRequest["server"], auth: Auth): Middleware {
    // Events do not say which request they are of: each is heard in the context of its own.
    const context = new AsyncLocalStorage<{ event?: AuthEvent }>();
    auth.onEvent((event) => {
      const current = context.getStore();
      if (current !== undefined) current.event = event;
    });
    return (request, response, next) => {
      const current: { event?: AuthEvent } = {};
      const { method = "", url = "" } = request;
      response.once("close", () => {
        const { statusCode: status } = response;
        this.#add({ server, method, path: printablePath(url), status, ...this.#decision(current.event) });
      });
      context.run(current, next);
    };
  }

  #decision(
    event: AuthEvent | undefined,
  ): Pick<LoggedRequest, "id" | "time" | "mode" | "caller" | "code" | "reason"> {
    const caller = event?.caller ?? undefined;
    return {
      id: event?.id,
      time: event?.time ?? Date.now(),
      mode: event?.mode,
      caller: caller === undefined ? undefined : (this.#names.get(caller) ?? caller),
      code: event?.code,
      reason: event === undefined ? undefined : reasonOf(event),
    };
  }

  #add(request: LoggedRequest): void {
    if (request.id !== undefined) {
      this.recent.push(request);
      if (this.recent.length > kept) this.recent.shift();
    }
    for (const listener of this.#listeners) listener(request);
  }
}

/** What a rule says explains itself; the reason of any other refusal is a word. */
function reasonOf({ type, code, reason, detail }: AuthEvent): string | undefined {
  const isByRule = type === "allowed" || code === "forbidden" || code === "not_found";
  if (isByRule && detail !== undefined) return detail;
  return [reason, detail].filter(Boolean).join(": ") || undefined;
}

/** One line for the terminal: `GET /orders/104  alice userPool  403  Order owner: bob, not alice  <id>`. */
export function requestLine(request: LoggedRequest, paint: Paint): string {
  const { server, method, path, status, caller, mode, reason, id } = request;
  const where = `${server === "supplier" ? "supplier: " : ""}${method} ${path}`;
  const who = `${caller ?? "-"} ${mode ?? "-"}`;
  return [
    where.padEnd(28),
    who.padEnd(18),
    paint(status < 400 ? "green" : "yellow", String(status)),
    ...(reason === undefined ? [] : [reason]),
    ...(id === undefined ? [] : [paint("dim", id)]),
  ].join("  ");
}

function printablePath(url: string): string {
  const path = url.split("?", 1)[0] ?? "";
  return path.slice(0, 200).replaceAll(/[^\x21-\x7e]/g, "?");
}
