import type { RequestView } from "@authmodes/core";

/** A request to the studio, from any kind of server. */
export interface Call {
  /** Relative to the mount point: `/`, `/api/state`; empty if the trailing slash is missing. */
  readonly path: string;
  /** What the modes read. */
  readonly view: RequestView;
  /** The host that the client wrote. */
  readonly host: string | undefined;
  /** The address of the client; undefined if the server does not pass it on. */
  readonly peer: string | undefined;
  /** Such as `1.1`; undefined if the server does not pass it on. */
  readonly httpVersion: string | undefined;
  /** Whether the connection is encrypted. */
  readonly isSecure: boolean;
  /** @throws {AuthError} body_too_large if the body is too large */
  json(): Promise<unknown>;
}

/** Returns the rest of a path below a mount point; undefined if it is not below it. */
export function below(basePath: string, pathname: string): string | undefined {
  if (pathname === basePath) return "";
  return pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : undefined;
}

/** The largest body in bytes: the largest schema, written as JSON. */
export const maxBodyBytes = 4_194_304;

/** @throws {SyntaxError} if the bytes are not JSON */
export function parseBody(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}
