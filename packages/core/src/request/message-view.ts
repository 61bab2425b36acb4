import { isSignature } from "../auth/credentials.ts";
import { isObject, jsonType } from "../lib/json.ts";
import { isToken } from "../lib/options.ts";
import { AuthError, refused } from "../refusal/error.ts";
import type { RequestView } from "../types.ts";
import { limited } from "./body-timer.ts";

/** What a message of an open connection says about its sender. */
export interface SignedMessage {
  /** The headers that the client put into the message, as parsed JSON; or the error that says why there are none. */
  readonly headers: unknown;
  /** The path for which the client signs. It is not the path of the connection: no server routes by it. */
  readonly target: string;
  /** The exact text that the client signs. */
  readonly body: string;
}

/**
 * Returns the view of a message that carries credentials of its own, as AppSync's clients send them over WebSockets: a POST
 * of JSON. Modes read the headers of the message alone, never those of the connection, and no cookies. A message whose headers
 * are malformed, or made for another host, is rejected when it is verified.
 * @param connection the request that opened the connection: the message has to name its host
 * @example
 * import { type Auth, nodeView, type NodeRequest } from "@authmodes/core";
 * import { messageView } from "@authmodes/core/messages";
 *
 * export async function callerOf(auth: Auth, upgrade: NodeRequest, headers: object): Promise<string | null> {
 *   const connection = nodeView(upgrade, auth.publicUrl);
 *   const message = messageView(connection, { headers, target: "/graphql/connect", body: "{}" });
 *   return (await auth.authenticate(message)).id;
 * }
 */
export function messageView(connection: RequestView, message: SignedMessage): RequestView {
  return new MessageView(connection, message);
}

type Headers = ReadonlyMap<string, readonly [name: string, value: string]>;

class MessageView implements RequestView {
  readonly method = "POST";
  readonly target: string;
  readonly exact = true;
  readonly #connection: RequestView;
  readonly #message: SignedMessage;
  #headers: Headers | undefined;
  #rawHeaders: readonly string[] | undefined;

  constructor(connection: RequestView, message: SignedMessage) {
    this.#connection = connection;
    this.#message = message;
    this.target = message.target;
  }

  get host(): string | undefined {
    return this.#connection.host;
  }

  get rawHeaders(): readonly string[] {
    return (this.#rawHeaders ??= [...this.#read().values()].flat());
  }

  header(lowerName: string): string | undefined {
    const value = this.#read().get(lowerName)?.[1];
    // Few clients say so, and an authorizer sees the document of JSON only.
    return value ?? (lowerName === "content-type" ? "application/json" : undefined);
  }

  async body(maxBytes: number): Promise<Uint8Array> {
    return limited(new TextEncoder().encode(this.#message.body), maxBytes);
  }

  #read(): Headers {
    return (this.#headers ??= readHeaders(this.#message.headers, this.host));
  }
}

/** The values that Node's parser lets pass. A line break could turn one signed header into two. */
const valueShape = /^[\t\x20-\x7e\x80-\xff]*$/;
/** As much as Node's parser reads of a request: the modes are made for headers of this length. */
const maxHeaderLength = 16 * 1024;

/** @throws AuthError */
function readHeaders(given: unknown, host: string | undefined): Headers {
  if (given instanceof AuthError) throw given;
  if (!isObject(given)) throw malformed("the headers are not a JSON object");
  const headers = new Map<string, readonly [string, string]>();
  let length = 0;
  for (const [name, value] of Object.entries(given)) {
    if (!isToken(name) || typeof value !== "string" || !valueShape.test(value)) {
      throw malformed("a header is not a name with a text that HTTP could carry");
    }
    length += name.length + value.length + 4; // a colon, a space and the end of the line
    if (length > maxHeaderLength) throw malformed(`the headers are over ${maxHeaderLength} bytes`);
    const lower = name.toLowerCase();
    if (headers.has(lower)) throw malformed(`the header ${lower} is there in two spellings`);
    headers.set(lower, [name, value]);
  }
  const valueOf = (lower: string) => headers.get(lower)?.[1];
  if (valueOf("host")?.toLowerCase() !== host?.toLowerCase() || host === undefined) {
    throw refused(
      "message_host_differs",
      `the message is for the host ${valueOf("host") ?? "(none)"}, and this server is ${host ?? "(unknown)"}. If clients ` +
        "use that host, set it: createAuth(modes, { publicUrl })",
    );
  }
  // The body is executed as JSON, so an authorizer has to see it as JSON.
  if (!jsonType.test(valueOf("content-type") ?? "application/json")) {
    throw malformed("the content-type is not application/json");
  }
  headers.delete("cookie");
  // Amplify's clients add it after they have signed.
  const authorization = valueOf("authorization") ?? "";
  if (isSignature(authorization) && !signsUserAgent(authorization)) headers.delete("x-amz-user-agent");
  return headers;
}

function signsUserAgent(authorization: string): boolean {
  const [, names = ""] = /SignedHeaders=([^,\s]*)/.exec(authorization) ?? [];
  return names.split(";").includes("x-amz-user-agent");
}

function malformed(detail: string): AuthError {
  return new AuthError("credentials_malformed", "message_malformed", { detail });
}
