import type { RequestView } from "../types.ts";

export interface ViewParts {
  readonly method?: string;
  readonly target?: string;
  readonly host?: string;
  /** Pairs, so that repeats can be told. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array | string;
  readonly exact?: boolean;
}

/** A request that no server received: for values that HTTP cannot carry, and for tests that need no port. */
export function viewOf(parts: ViewParts = {}): RequestView {
  const headers = parts.headers ?? [];
  const host = parts.host ?? headers.find(([name]) => name.toLowerCase() === "host")?.[1];
  return {
    method: parts.method ?? "GET",
    target: parts.target ?? "/",
    host,
    rawHeaders: headers.flat(),
    exact: parts.exact ?? true,
    header(lowerName) {
      const values = headers.filter(([name]) => name.toLowerCase() === lowerName).map(([, value]) => value);
      return values.length === 0 ? undefined : values.join(", ");
    },
    body: () => {
      const { body = "" } = parts;
      return Promise.resolve(typeof body === "string" ? new TextEncoder().encode(body) : body);
    },
  };
}
