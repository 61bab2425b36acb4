import { parseObject } from "@authmodes/core/adapter";
import type { WireError } from "../appsync-errors.ts";

// The messages of AppSync's protocol, as far as servers read and write them.

/** A message of ours. */
export type ServerMessage =
  | { readonly type: "connection_ack"; readonly payload: { readonly connectionTimeoutMs: number } }
  | { readonly type: "connection_error"; readonly payload: { readonly errors: readonly WireError[] } }
  | { readonly type: "ka" }
  | { readonly id: string; readonly type: "start_ack" | "complete" }
  | { readonly id: string; readonly type: "data"; readonly payload: object }
  | {
      readonly id?: string | undefined;
      readonly type: "error";
      readonly payload: { readonly errors: readonly WireError[] };
    };

/** A message that starts a subscription. */
export interface StartMessage {
  readonly type: "start";
  readonly id: string;
  /** The text that the client signed. */
  readonly data: string;
  /** The object of headers; any value. */
  readonly authorization: unknown;
}

/** A message of a client. */
export type ClientMessage =
  | { readonly type: "connection_init" }
  | StartMessage
  | { readonly type: "stop"; readonly id: string }
  | { readonly type: "unknown" | "malformed"; readonly id: string | undefined };

const maxIdLength = 256;

/** Reads a message of a client. Never throws. */
export function readMessage(text: string): ClientMessage {
  const message = parseObject(text);
  const id = textOf(message?.["id"]);
  switch (message?.["type"]) {
    case "connection_init":
      return { type: "connection_init" };
    case "stop":
      return id === undefined ? { type: "malformed", id } : { type: "stop", id };
    case "start": {
      const payload = objectOf(message["payload"]);
      const { data } = payload;
      if (id === undefined || typeof data !== "string") return { type: "malformed", id };
      return { type: "start", id, data, authorization: objectOf(payload["extensions"])["authorization"] };
    }
    default:
      return { type: typeof message?.["type"] === "string" ? "unknown" : "malformed", id };
  }
}

function textOf(id: unknown): string | undefined {
  return typeof id === "string" && id !== "" && id.length <= maxIdLength ? id : undefined;
}

/** The members of an object; none of another value. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : {};
}
