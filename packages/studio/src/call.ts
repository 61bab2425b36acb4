import type { RequestView } from "@authmodes/core";

/** A request as the studio sees it, whichever server received it. */
export interface Call {
  /** Below the place where the studio is mounted: `/`, `/api/state`; empty where the slash is missing. */
  readonly path: string;
  /** What the modes look at. */
  readonly view: RequestView;
  /** The host as the client wrote it, whatever the server calls itself. */
  readonly host: string | undefined;
  /** The address of the other end of the connection; undefined if the server does not tell. */
  readonly peer: string | undefined;
  /** Such as `1.1`; undefined if the server does not tell. */
  readonly httpVersion: string | undefined;
  /** Whether the connection is encrypted. */
  readonly isSecure: boolean;
  /** @throws AuthError `body_too_large` */
  json(): Promise<unknown>;
}

/** What remains of a path below a mount point; undefined where it is not below it. */
export function below(basePath: string, pathname: string): string | undefined {
  if (pathname === basePath) return "";
  return pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : undefined;
}

/** The largest request, in bytes: a schema of the largest size, written as JSON. */
export const maxBodyBytes = 4_194_304;

/** @throws SyntaxError */
export function parseBody(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}
