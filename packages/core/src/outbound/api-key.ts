import { checkOptionNames, must } from "../lib/options.ts";
import { isToken, type Secret, secretReader } from "./header-value.ts";
import type { HeaderSource } from "./types.ts";

export interface ApiKeySourceOptions {
  /** The key, or a function that is asked for it before every request. */
  readonly key: Secret;
  /** Default `x-api-key`, which AppSync and API Gateway read. */
  readonly header?: string;
}

/** Sends a key in a header. */
export function apiKey(options: ApiKeySourceOptions): HeaderSource {
  checkOptionNames("outbound.apiKey()", options, ["key", "header"], {
    keys: "key",
    value: "key",
    headerName: "header",
  });
  const header = options.header ?? "x-api-key";
  must(isToken(header), `outbound.apiKey(): '${header}' is not a header name`);
  const name = header.toLowerCase();
  const key = secretReader("outbound.apiKey(): key", options.key);
  const source = async () => ({ [name]: await key() });
  return Object.assign(source, { headerNames: [name] });
}
