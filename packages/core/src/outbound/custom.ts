import { must } from "../lib/options.ts";
import type { MaybePromise } from "../types.ts";
import { checkHeaders } from "./header-value.ts";
import type { HeaderSource, OutboundRequest } from "./types.ts";

/** A header source of your own; it may answer at once. */
export interface CustomSource {
  (request: OutboundRequest): MaybePromise<Readonly<Record<string, string>>>;
  readonly needsBody?: boolean;
  readonly headerNames?: readonly string[];
}

/**
 * Sends the headers that a function returns. One that signs bodies, or uses headers of its own names, says so:
 * `Object.assign(sign, { needsBody: true, headerNames: ["x-signature"] })`.
 */
export function custom(source: CustomSource): HeaderSource {
  must(
    typeof source === "function",
    "outbound.custom() takes a function that returns the headers to add to a request",
  );
  const headers = async (request: OutboundRequest) =>
    checkHeaders("outbound.custom()", await source(request));
  return Object.assign(headers, {
    needsBody: source.needsBody ?? false,
    headerNames: (source.headerNames ?? []).map((name) => name.toLowerCase()),
  });
}
