import { must } from "../lib/options.ts";
import type { RequestView } from "../types.ts";
import { pathOf } from "./method-arn.ts";

/** A part of a request that a decision may depend on. */
export interface IdentitySource {
  readonly kind: "header" | "query" | "method" | "path";
  /** Of a header (lower-case) or a query parameter; empty for the others. */
  readonly name: string;
}

const headerName = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
/** How API Gateway writes them: `method.request.header.Auth`, `$request.querystring.token`. */
const gatewaySource = /^(?:method\.|\$)request\.(header|querystring)\.(.+)$/;

export function isHeaderName(lowerName: string): boolean {
  return headerName.test(lowerName);
}

/** @throws TypeError, with the right spelling */
export function parseSource(text: string): IdentitySource {
  must(typeof text === "string", "lambda(): identitySources is a list of strings");
  if (text === "method" || text === "path") return { kind: text, name: "" };
  const [, kind = "", name = ""] = /^(header|query):(.+)$/.exec(text) ?? [];
  if (kind === "query") return { kind, name };
  if (kind === "header" && isHeaderName(name.toLowerCase())) return { kind, name: name.toLowerCase() };
  const [, place = "", meant = "<name>"] = gatewaySource.exec(text) ?? [];
  const hint =
    place === ""
      ? "an identity source is 'header:<name>', 'query:<name>', 'method' or 'path'"
      : `write '${place === "header" ? "header" : "query"}:${meant}'`;
  throw new TypeError(`lambda(): '${text}' is not an identity source; ${hint}`);
}

/** All values of a source on a request, in order; none where it is absent. */
export function sourceValues({ kind, name }: IdentitySource, request: RequestView): readonly string[] {
  if (kind === "header") return headerValues(name, request);
  if (kind === "query") return queryOf(request).getAll(name);
  return [kind === "method" ? request.method : pathOf(request)];
}

/** From the raw headers: servers drop some repeats when they join them, and an authorizer is told all. */
function headerValues(name: string, { rawHeaders }: RequestView): readonly string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}

let last: { readonly target: string; readonly query: URLSearchParams } | undefined;

/** The query's parameters, decoded: once per request, although each source asks for them. */
export function queryOf({ target }: RequestView): URLSearchParams {
  if (last?.target !== target) {
    const start = target.indexOf("?");
    last = { target, query: new URLSearchParams(start === -1 ? "" : target.slice(start + 1)) };
  }
  return last.query;
}
