import { crypto } from "#crypto";
import { AuthError } from "./error.ts";
import { logLine, printable } from "../auth/events.ts";
import type { RequestView } from "../types.ts";

const mistakeKey: unique symbol = Symbol("mistake");
type MistakenView = RequestView & { [mistakeKey]?: AuthError };

/**
 * As `mistake` of an auth, for a request that no auth has seen: a mistake of the app, for adapters to throw. It has an
 * id, and is written to stderr once per request.
 * @param detail what was called, and what to write
 */
export function unseenRequest(view: MistakenView, reason: string, detail: string): AuthError {
  return (view[mistakeKey] ??= logged(view, new AuthError("misconfigured", reason, { detail })));
}

function logged({ method, target }: RequestView, error: AuthError): AuthError {
  error.within({ id: crypto.randomUUID(), format: "problem", mode: undefined, accepted: [] });
  const { id, code, mode, reason, detail } = error;
  const path = printable(target.split("?", 1)[0] ?? "");
  console.error(
    logLine({ type: "refused", id, code, mode, reason, detail, path, method: printable(method, 20) }),
  );
  return error;
}
