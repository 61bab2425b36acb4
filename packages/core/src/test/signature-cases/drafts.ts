import type { Draft } from "../sigv4-signer.ts";

export interface Drafts {
  readonly get: (target?: string, ...headers: [string, string][]) => Draft;
  readonly post: (body: string | Buffer, ...headers: [string, string][]) => Draft;
  readonly host: string;
}

/** `get("/x")` and so on: a draft for the server, unsigned. */
export function draftFor(host: string): Drafts {
  const get = (target = "/books/7", ...headers: [string, string][]): Draft => ({
    target,
    headers: [["Host", host], ...headers],
  });
  const post = (body: string | Buffer, ...headers: [string, string][]): Draft => ({
    ...get("/books", ...headers),
    method: "POST",
    body,
  });
  return { get, post, host };
}

/** The draft with another value, or none, for a header. */
export function change(
  draft: Draft,
  header: string,
  value: string | ((old: string) => string) | undefined,
): Draft {
  const headers = draft.headers.flatMap(([name, old]): [string, string][] => {
    if (name.toLowerCase() !== header) return [[name, old]];
    if (value === undefined) return [];
    return [[name, typeof value === "string" ? value : value(old)]];
  });
  return { ...draft, headers };
}

export const authorization = (draft: Draft, edit: (old: string) => string): Draft =>
  change(draft, "authorization", edit);
export const retarget = (draft: Draft, edit: (old: string) => string): Draft => ({
  ...draft,
  target: edit(draft.target),
});
export const also = (draft: Draft, ...headers: [string, string][]): Draft => ({
  ...draft,
  headers: [...draft.headers, ...headers],
});
