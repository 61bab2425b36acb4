import { AuthError, type AuthErrorCode, type ErrorFormat, newApiKey } from "@authmodes/core";
import { createAuthFetch, type HeaderSource, outbound, presign } from "@authmodes/core/outbound";
import type { IdentityProvider } from "./identity-provider.ts";
import type { RunningShop } from "./start.ts";

/** A request that the shop makes to itself, and what has to come of it. */
export interface Call {
  readonly caller: string;
  readonly mode: string;
  /** Method and path. */
  readonly request: string;
  /** An HTTP status, or the code of a refusal, whose status depends on the format. */
  readonly expected: number | AuthErrorCode;
  readonly meaning: string;
  readonly send: Send;
  /** What the answer has to say where it is a good one. */
  readonly says?: (body: unknown) => boolean;
}

type Send = (method: string, url: URL) => Promise<Response>;

export interface CallGroup {
  readonly title: string;
  readonly calls: readonly Call[];
}

export interface CallResult {
  readonly call: Call;
  readonly expected: number;
  /** undefined where nobody answered. */
  readonly got: number | undefined;
  readonly asExpected: boolean;
  readonly note: string;
}

/** Every mode in both directions, accepted and refused. */
export async function createCalls(shop: RunningShop): Promise<readonly CallGroup[]> {
  const { identityProvider, callers } = shop;
  const sources = new Map(callers.map(({ name, source }) => [name, source]));
  const sourceOf = (name: string) => sources.get(name) ?? outbound.none();
  return [
    { title: "Who calls", calls: acceptedCalls(identityProvider, sourceOf) },
    { title: "Who is refused", calls: await refusedCalls(identityProvider, sourceOf) },
    { title: "The shop calls its supplier, for libby", calls: supplierCalls(sourceOf("libby")) },
    { title: "The books", calls: bookCalls(sourceOf) },
    { title: "Who may do what: schema.graphql", calls: ruleCalls(sourceOf) },
  ];
}

type SourceOf = (caller: string) => HeaderSource;

function acceptedCalls({ region, credentials }: IdentityProvider, sourceOf: SourceOf): readonly Call[] {
  const accepted = (
    caller: string,
    mode: string,
    meaning: string,
    send: Send = over(sourceOf(caller)),
    request = "GET /whoami",
  ): Call => ({
    caller,
    mode,
    request,
    expected: 200,
    meaning,
    send,
    says: (body) => field(body, "mode") === mode,
  });

  const forAppSync = outbound.iam({ region, service: "appsync", credentials: credentials.alice.aws });
  const presigned: Send = async (method, url) =>
    fetch(await presign({ url, method, region, credentials: credentials.machine, expiresInSeconds: 60 }));
  const idToken = outbound.userPool({ token: () => credentials.alice.idToken });
  return [
    accepted("anonymous", "none", "nobody has to be known here", undefined, "GET /public/ping"),
    accepted("API key", "apiKey", "the key, found by its hash"),
    accepted("machine", "iam", "signed with a long-term key"),
    accepted("machine", "iam", "a presigned URL, good for a minute", presigned),
    accepted("guest", "iam", "temporary keys, not signed in"),
    accepted("alice", "iam", "temporary keys, a body signed too", over(forAppSync, "{}"), "POST /whoami"),
    accepted("alice", "userPool", "the access token of a user"),
    accepted("alice", "userPool", "the id token of the same user", over(idToken)),
    accepted("otto", "oidc", "keys found by discovery"),
    accepted("lambda", "lambda", "the authorizer said yes"),
  ];
}

async function refusedCalls(
  { kit, region, credentials }: IdentityProvider,
  sourceOf: SourceOf,
): Promise<readonly Call[]> {
  const refused = (
    caller: string,
    mode: string,
    expected: AuthErrorCode,
    why: string,
    source: HeaderSource = sourceOf(caller),
    path = "/whoami",
  ): Call => ({
    caller,
    mode,
    request: `GET ${path}`,
    expected,
    meaning: `${expected}: ${why}`,
    send: over(source),
  });

  const key = (value: string) => outbound.apiKey({ key: value });
  const token = (value: string) => outbound.userPool({ token: () => value });
  const oidcToken = (value: string) => outbound.oidc({ token: () => value });
  const unknownKey = key((await newApiKey({ expiresInSeconds: null })).key);
  const stranger = { accessKeyId: "AKIASTRANGERSTRANGER", secretAccessKey: "a secret of somebody else" };
  const [expired, tampered, otherClient, otherIssuer] = await Promise.all([
    kit.userPool.token({ username: "bob", wrong: "expired" }),
    kit.userPool.token({ username: "bob", wrong: "tampered" }),
    kit.userPool.token({ username: "bob", wrong: "audience" }),
    kit.oidc.token({ wrong: "issuer" }),
  ]);
  return [
    refused("nobody", "none", "credentials_missing", "none sent", outbound.none()),
    refused("stranger", "apiKey", "credentials_refused", "wrong key", unknownKey),
    refused("stranger", "apiKey", "credentials_refused", "no fall-through", unknownKey, "/public/ping"),
    refused("partner", "apiKey", "credentials_expired", "an old key", key(kit.apiKeys.expired.key)),
    refused(
      "stranger",
      "iam",
      "credentials_refused",
      "unknown key",
      outbound.iam({ region, credentials: stranger }),
    ),
    refused("machine", "iam", "credentials_refused", "bad signature", tamperedSignature(sourceOf("machine"))),
    refused("bob", "userPool", "credentials_expired", "an old token", token(expired)),
    refused("bob", "userPool", "credentials_refused", "changed token", token(tampered)),
    refused("bob", "userPool", "credentials_refused", "other client", token(otherClient)),
    refused("otto", "oidc", "credentials_refused", "other issuer", oidcToken(otherIssuer)),
    refused("lambda", "lambda", "credentials_refused", "it said no", sourceOf("lambda denied")),
    refused(
      "bob",
      "several",
      "credentials_ambiguous",
      "key and token",
      both(key(credentials.apiKey), sourceOf("bob")),
    ),
    refused("API key", "apiKey", "mode_not_accepted", "for users only", undefined, "/suppliers/iam"),
    refused("penny", "userPool", "forbidden", "not in Librarians", undefined, "/suppliers/iam"),
  ];
}

function supplierCalls(libby: HeaderSource): readonly Call[] {
  const asks = (mode: string, meaning: string, seen = mode): Call => ({
    caller: "libby",
    mode: "userPool",
    request: `GET /suppliers/${mode}`,
    expected: 200,
    meaning,
    send: over(libby),
    says: (body) => field(body, "status") === 200 && field(field(body, "body"), "mode") === seen,
  });
  return [
    asks("apiKey", "the shop's API key"),
    asks("iam", "signed by the shop"),
    asks("userPool", "as a user of the pool"),
    asks("oidc", "a token by client credentials"),
    asks("lambda", "a token for the authorizer"),
    asks("forward", "libby's own token, handed on", "userPool"),
    asks("none", "without credentials"),
  ];
}

function bookCalls(sourceOf: SourceOf): readonly Call[] {
  const reads = (caller: string, mode: string, path: string, expected: number, meaning: string): Call => ({
    caller,
    mode,
    request: `GET ${path}`,
    expected,
    meaning,
    send: over(sourceOf(caller)),
  });
  return [
    reads("API key", "apiKey", "/books?limit=5", 200, "the first five, and a cursor"),
    reads("guest", "iam", "/books/101", 200, "one book"),
    {
      ...reads("bob", "userPool", "/books/101", 200, "what the shop pays is hidden"),
      says: (body) => field(body, "costPrice") === null,
    },
    {
      ...reads("libby", "userPool", "/books/101", 200, "what the shop pays is shown"),
      says: (body) => typeof field(body, "costPrice") === "number",
    },
    reads("otto", "oidc", "/books/999", 404, "no such book"),
    reads("otto", "oidc", "/books?limit=0", 400, "no such limit"),
  ];
}

function ruleCalls(sourceOf: SourceOf): readonly Call[] {
  const asks = (
    [caller, mode]: readonly [string, string],
    request: string,
    expected: number | AuthErrorCode,
    meaning: string,
    more: { readonly body?: object; readonly says?: (body: unknown) => boolean } = {},
  ): Call => {
    const { body, says } = more;
    const send = over(sourceOf(caller), body && JSON.stringify(body));
    return { caller, mode, request, expected, meaning, send, ...(says && { says }) };
  };
  const hides = (name: string) => ({ says: (body: unknown) => field(body, name) === null });
  const alice = ["alice", "userPool"] as const;
  const bob = ["bob", "userPool"] as const;
  const libby = ["libby", "userPool"] as const;
  const penny = ["penny", "userPool"] as const;
  const isAlices = (item: unknown) => field(item, "owner") === "alice";
  const allOfAlice = (body: unknown) => {
    const items = field(body, "items");
    return Array.isArray(items) && items.length === 20 && items.every(isAlices);
  };
  return [
    asks(alice, "GET /orders", 200, "hers, a full page of them", { says: allOfAlice }),
    asks(bob, "GET /orders/101", "forbidden", "somebody else's"),
    asks(bob, "GET /orders/999", "not_found", "there is none"),
    asks(["API key", "apiKey"], "GET /orders", "forbidden", "no rule is about API keys"),
    asks(alice, "PATCH /orders/101", 200, "her own", { body: { note: "gift wrap" } }),
    asks(alice, "PATCH /orders/101", "forbidden", "nobody hands an order on", { body: { owner: "bob" } }),
    asks(libby, "PATCH /orders/101", "forbidden", "may not delete it", { body: { note: null } }),
    asks(alice, "POST /books", "forbidden", "Librarians only", { body: { title: "Mine" } }),
    asks(["guest", "iam"], "GET /reviews/101", 200, "open to guests"),
    asks(penny, "GET /clubs/102", 200, "the Poets' club"),
    asks(penny, "GET /clubs/101", "forbidden", "the Librarians' club"),
    asks(bob, "GET /employees/102", 200, "without the ssn", hides("ssn")),
    asks(["lambda", "lambda"], "GET /reports/101", 200, "without the profit", hides("profit")),
    asks(libby, "GET /reports/101", "forbidden", "for the authorizer's callers"),
    asks(["machine", "iam"], "GET /reports/101", 200, "the admin role may do everything"),
  ];
}

/** Over HTTP, with the headers that a source adds. */
function over(source: HeaderSource, body?: string): Send {
  return (method, url) =>
    createAuthFetch(source, { origins: [url.origin] })(url, {
      method,
      signal: AbortSignal.timeout(15_000),
      ...(body !== undefined && { body, headers: { "content-type": "application/json" } }),
    });
}

function both(first: HeaderSource, second: HeaderSource): HeaderSource {
  return outbound.custom(async (request) => ({ ...(await first(request)), ...(await second(request)) }));
}

/** The last digit of the signature is another one. */
function tamperedSignature(signed: HeaderSource): HeaderSource {
  return outbound.custom(async (request) =>
    Object.fromEntries(
      Object.entries(await signed(request)).map(([name, value]) => [
        name,
        value.replace(
          /(Signature=[0-9a-f]{63})([0-9a-f])$/,
          (_all, rest, last) => rest + (last === "0" ? "1" : "0"),
        ),
      ]),
    ),
  );
}

/** Makes a call. It does not throw: that nobody answers is a result too. */
export async function makeCall(call: Call, shop: RunningShop): Promise<CallResult> {
  const expected = statusOf(call, shop.errorFormat);
  const [method = "GET", path = "/"] = call.request.split(" ");
  try {
    const response = await call.send(method, new URL(path, shop.url));
    const body: unknown = await response.json();
    const code = field(body, "code");
    const isCode = typeof call.expected === "number" || code === undefined || code === call.expected;
    const asExpected = response.status === expected && isCode && (call.says?.(body) ?? true);
    const note = asExpected ? call.meaning : `got ${JSON.stringify(body)}`;
    return { call, expected, got: response.status, asExpected, note };
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    return { call, expected, got: undefined, asExpected: false, note };
  }
}

/** The services whose formats these are answer the same refusal with different statuses. */
function statusOf({ expected, mode }: Call, format: ErrorFormat): number {
  if (typeof expected === "number") return expected;
  const decided = mode === "none" || mode === "several" ? undefined : mode;
  return new AuthError(expected, expected).within({ id: "", format, mode: decided, accepted: [] }).status;
}

function field(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? new Map(Object.entries(body)).get(name) : undefined;
}
