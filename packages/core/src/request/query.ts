import type { RequestView } from "../types.ts";

let last: { readonly target: string; readonly query: URLSearchParams } | undefined;

/** The query's parameters, decoded once per request for all that read them. */
export function queryOf({ target }: RequestView): URLSearchParams {
  if (last?.target !== target) {
    const start = target.indexOf("?");
    last = { target, query: new URLSearchParams(start === -1 ? "" : target.slice(start + 1)) };
  }
  return last.query;
}
