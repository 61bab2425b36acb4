import type { IncomingMessage } from "node:http";
import { AuthError } from "@authmodes/core";
import { parseObject } from "@authmodes/core/adapter";

// What clients send when they open a WebSocket. Browsers cannot set headers then, so the credentials are in the offered
// subprotocols or in the query.

/** The subprotocol of AppSync's clients: that of subscriptions-transport-ws, not of the library graphql-ws. */
export const subprotocol = "graphql-ws";
const credentialPrefix = "header-";
const maxHeaderLength = 8192;

/** The path of an upgrade: Android's client escapes a slash. */
export function pathOf(request: IncomingMessage): string {
  const [path = ""] = (request.url ?? "/").split("?", 1);
  return unescaped(path).replace(/^\/+/, "/");
}

/** The subprotocols that a client offers, also those with characters that none may have, as padded base64 has. */
export function offeredBy(request: IncomingMessage): readonly string[] {
  const offered = request.headers["sec-websocket-protocol"] ?? "";
  return offered.split(",").map((one) => one.trim());
}

/** The subprotocol to answer with: never the one that holds credentials. */
export function chosenFrom(offered: readonly string[]): string | undefined {
  if (offered.includes(subprotocol)) return subprotocol;
  // Browsers show a page no answer without one of its subprotocols, and so not the error either.
  return offered.find((one) => one !== "" && !one.startsWith(credentialPrefix));
}

/** Reads the object of headers. @returns an error if there is none that can be read */
export function credentialsOf(request: IncomingMessage, offered: readonly string[]): unknown {
  const inProtocol = offered.filter((one) => one.startsWith(credentialPrefix));
  const found = [
    ...inProtocol.map((one) => one.slice(credentialPrefix.length)),
    ...inQuery(request.url ?? ""),
  ];
  const [text] = found;
  if (text === undefined) return new AuthError("credentials_missing", "no_credentials");
  if (found.length > 1)
    return malformed("the headers are there twice: in the subprotocols, in the query or both");
  return decoded(text) ?? malformed("the headers are not a JSON object in base64, or over 8 KiB");
}

/** In base64 a plus sign is no space, so that `URLSearchParams` cannot read it. */
function inQuery(target: string): readonly string[] {
  const [, query = ""] = /\?(.*)$/s.exec(target) ?? [];
  return query
    .split("&")
    .filter((pair) => pair.startsWith("header="))
    .map((pair) => unescaped(pair.slice("header=".length)));
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // neither a path of ours nor base64
  }
}

const base64Shape = /^[A-Za-z0-9+/_-]+={0,2}$/;

function decoded(text: string): object | undefined {
  if (text.length > maxHeaderLength) return undefined;
  // Android's encoder breaks lines.
  const base64 = text.replaceAll(/[\r\n]/g, "");
  const isPadded = base64.endsWith("=");
  if (!base64Shape.test(base64) || base64.length % 4 === 1 || (isPadded && base64.length % 4 !== 0))
    return undefined;
  // Bytes that are no UTF-8 become a character that no header may have.
  return parseObject(Buffer.from(base64, "base64").toString());
}

function malformed(detail: string): AuthError {
  return new AuthError("credentials_malformed", "message_malformed", { detail });
}
