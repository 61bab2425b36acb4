import { boundedJson, JsonTooDeep } from "../lib/bounded-json.ts";
import { AuthError } from "../refusal/error.ts";
import type { RequestView } from "../types.ts";
import { isRecord } from "./answer.ts";

/** The parts of a GraphQL request that an authorizer is told. */
export interface GraphqlRequest {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Record<string, unknown>;
}

const jsonType = /^\s*application\/json\s*(?:;|$)/i;
const charsets = /;\s*charset\s*=\s*"?([^\s;"]*)/gi;
const decoder = new TextDecoder();

/**
 * Reads a GraphQL request as AppSync takes it: a POST of JSON. Of any other request the query is empty.
 * @param maxBytes a longer body is a 413
 */
export async function graphqlRequest(request: RequestView, maxBytes: number): Promise<GraphqlRequest> {
  const contentType = request.header("content-type") ?? "";
  if (request.method !== "POST" || !jsonType.test(contentType)) return graphqlOf(undefined);
  refuseEncoded(request.header("content-encoding") ?? "identity", contentType);
  return graphqlOf(parse(decoder.decode(await request.body(maxBytes))));
}

/** A server behind us would decode what we cannot read: its query would run without the authorizer having seen it. */
function refuseEncoded(encoding: string, contentType: string): void {
  const foreign = [...contentType.matchAll(charsets)].some(([, charset = ""]) => !/^utf-?8$/i.test(charset));
  if (encoding.trim().toLowerCase() === "identity" && !foreign) return;
  throw new AuthError("credentials_refused", "body_encoded", {
    detail: "the JSON body is compressed or not UTF-8, so the authorizer could not be told the query",
  });
}

function parse(text: string): unknown {
  try {
    return boundedJson(text);
  } catch (error) {
    if (!(error instanceof JsonTooDeep)) return undefined; // no GraphQL request: the handler will say so
    throw new AuthError("credentials_malformed", "body_too_deep", { detail: error.message });
  }
}

function graphqlOf(body: unknown): GraphqlRequest {
  const { query, operationName, variables } = isRecord(body) ? body : {};
  return {
    query: typeof query === "string" ? query : "",
    operationName: typeof operationName === "string" ? operationName : undefined,
    variables: isRecord(variables) ? variables : {},
  };
}
