import { AuthError, type AuthErrorCode, type ErrorFormat, newApiKey } from "@authmodes/core";
import { createAuthFetch, type HeaderSource, outbound, presign } from "@authmodes/core/outbound";
import type { WrongToken } from "@authmodes/testing";
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
export async function createCalls({ identityProvider, callers }: RunningShop): Promise<readonly CallGroup[]> {
  const sources = new Map(callers.map(({ name, source }) => [name, source]));
  const call: MakeRow = (caller, mode, request, expected, meaning, more = {}) => {
    const { source = sources.get(caller) ?? outbound.none(), body, send = over(source, body), says } = more;
    return { caller, mode, request, expected, meaning, send, ...(says && { says }) };
  };
  return [
    { title: "Who calls", calls: acceptedCalls(call, identityProvider) },
    { title: "Who is refused", calls: await refusedCalls(call, identityProvider) },
    { title: "The shop calls its supplier, for libby", calls: supplierCalls(call) },
    { title: "The books", calls: bookCalls(call) },
    { title: "Who may do what: schema.graphql", calls: ruleCalls(call) },
  ];
}

/** What is special about a call. Default: the caller's own credentials, no body. */
interface Special {
  readonly source?: HeaderSource;
  readonly body?: string;
  readonly send?: Send;
  readonly says?: (body: unknown) => boolean;
}

type MakeRow = (
  caller: string,
  mode: string,
  request: string,
  expected: number | AuthErrorCode,
  meaning: string,
  special?: Special,
) => Call;

function acceptedCalls(call: MakeRow, { region, credentials }: IdentityProvider): readonly Call[] {
  const accepted = (
    caller: string,
    mode: string,
    meaning: string,
    special: Special = {},
    request = "GET /whoami",
  ) =>
    call(caller, mode, request, 200, meaning, { says: (body) => field(body, "mode") === mode, ...special });
  const presigned: Send = async (method, url) =>
    fetch(await presign({ url, method, region, credentials: credentials.machine, expiresInSeconds: 60 }));
  const signed = {
    source: outbound.iam({ region, service: "appsync", credentials: credentials.alice.aws }),
    body: "{}",
  };
  const idToken = { source: outbound.userPool({ token: () => credentials.alice.idToken }) };
  return [
    accepted("anonymous", "none", "nobody has to be known here", {}, "GET /public/ping"),
    accepted("API key", "apiKey", "the key, found by its hash"),
    accepted("machine", "iam", "signed with a long-term key"),
    accepted("machine", "iam", "a presigned URL, good for a minute", { send: presigned }),
    accepted("guest", "iam", "temporary keys, not signed in"),
    accepted("alice", "iam", "temporary keys, a body signed too", signed, "POST /whoami"),
    accepted("alice", "userPool", "the access token of a user"),
    accepted("alice", "userPool", "the id token of the same user", idToken),
    accepted("otto", "oidc", "keys found by discovery"),
    accepted("lambda", "lambda", "the authorizer said yes"),
  ];
}

async function refusedCalls(
  call: MakeRow,
  { kit, region, credentials }: IdentityProvider,
): Promise<readonly Call[]> {
  const refused = (
    caller: string,
    mode: string,
    code: AuthErrorCode,
    why: string,
    source?: HeaderSource,
    path = "/whoami",
  ) => call(caller, mode, `GET ${path}`, code, `${code}: ${why}`, source && { source });
  const key = (value: string) => outbound.apiKey({ key: value });
  const token = (value: string) => outbound.userPool({ token: () => value });
  const iam = (keys: Parameters<typeof outbound.iam>[0]["credentials"]) =>
    outbound.iam({ region, credentials: keys });
  const unknownKey = key((await newApiKey({ expiresInSeconds: null })).key);
  const stranger = iam({ accessKeyId: "AKIASTRANGERSTRANGER", secretAccessKey: "another account's secret" });
  const tampered = tamperedSignature(iam(credentials.machine));
  const wrong = async (kind: WrongToken) => token(await kit.userPool.token({ username: "bob", wrong: kind }));
  const otherIssuer = await kit.oidc.token({ wrong: "issuer" });
  const ofOtherIssuer = outbound.oidc({ token: () => otherIssuer });
  const both = outbound.custom(() => ({
    "x-api-key": credentials.apiKey,
    authorization: credentials.bob.accessToken,
  }));
  const denied = outbound.lambda({ token: credentials.lambda.deniedToken });
  return [
    refused("nobody", "none", "credentials_missing", "none sent"),
    refused("stranger", "apiKey", "credentials_refused", "wrong key", unknownKey),
    refused("stranger", "apiKey", "credentials_refused", "no fall-through", unknownKey, "/public/ping"),
    refused("partner", "apiKey", "credentials_expired", "an old key", key(kit.apiKeys.expired.key)),
    refused("stranger", "iam", "credentials_refused", "unknown key", stranger),
    refused("machine", "iam", "credentials_refused", "bad signature", tampered),
    refused("bob", "userPool", "credentials_expired", "an old token", await wrong("expired")),
    refused("bob", "userPool", "credentials_refused", "changed token", await wrong("tampered")),
    refused("bob", "userPool", "credentials_refused", "other client", await wrong("audience")),
    refused("otto", "oidc", "credentials_refused", "other issuer", ofOtherIssuer),
    refused("lambda", "lambda", "credentials_refused", "it said no", denied),
    refused("bob", "several", "credentials_ambiguous", "key and token", both),
    refused("API key", "apiKey", "mode_not_accepted", "for users only", undefined, "/suppliers/iam"),
    refused("penny", "userPool", "forbidden", "not in Librarians", undefined, "/suppliers/iam"),
  ];
}

function supplierCalls(call: MakeRow): readonly Call[] {
  const asks = (mode: string, meaning: string, seen = mode) =>
    call("libby", "userPool", `GET /suppliers/${mode}`, 200, meaning, {
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

function hides(name: string): Special {
  return { says: (body) => field(body, name) === null };
}

function bookCalls(call: MakeRow): readonly Call[] {
  const shows = { says: (body: unknown) => typeof field(body, "costPrice") === "number" };
  return [
    call("API key", "apiKey", "GET /books?limit=5", 200, "the first five, and a cursor"),
    call("guest", "iam", "GET /books/101", 200, "one book"),
    call("bob", "userPool", "GET /books/101", 200, "what the shop pays is hidden", hides("costPrice")),
    call("libby", "userPool", "GET /books/101", 200, "what the shop pays is shown", shows),
    call("otto", "oidc", "GET /books/999", 404, "no such book"),
    call("otto", "oidc", "GET /books?limit=0", 400, "no such limit"),
  ];
}

function ruleCalls(call: MakeRow): readonly Call[] {
  const user = (
    name: string,
    request: string,
    expected: number | AuthErrorCode,
    meaning: string,
    more?: Special,
  ) => call(name, "userPool", request, expected, meaning, more);
  const sends = (values: object) => ({ body: JSON.stringify(values) });
  const allOfAlice = (body: unknown) => {
    const items = field(body, "items");
    return (
      Array.isArray(items) && items.length === 20 && items.every((item) => field(item, "owner") === "alice")
    );
  };
  return [
    user("alice", "GET /orders", 200, "hers, a full page of them", { says: allOfAlice }),
    user("bob", "GET /orders/101", "forbidden", "somebody else's"),
    user("bob", "GET /orders/999", "not_found", "there is none"),
    call("API key", "apiKey", "GET /orders", "forbidden", "no rule is about API keys"),
    user("alice", "PATCH /orders/101", 200, "her own", sends({ note: "gift wrap" })),
    user("alice", "PATCH /orders/101", "forbidden", "nobody hands an order on", sends({ owner: "bob" })),
    user("libby", "PATCH /orders/101", "forbidden", "may not delete it", sends({ note: null })),
    user("alice", "POST /books", "forbidden", "Librarians only", sends({ title: "Mine" })),
    call("guest", "iam", "GET /reviews/101", 200, "open to guests"),
    user("penny", "GET /clubs/102", 200, "the Poets' club"),
    user("penny", "GET /clubs/101", "forbidden", "the Librarians' club"),
    user("bob", "GET /employees/102", 200, "without the ssn", hides("ssn")),
    call("lambda", "lambda", "GET /reports/101", 200, "without the profit", hides("profit")),
    user("libby", "GET /reports/101", "forbidden", "for the authorizer's callers"),
    call("machine", "iam", "GET /reports/101", 200, "the admin role may do everything"),
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

/** The last digit of the signature is another one. */
function tamperedSignature(signed: HeaderSource): HeaderSource {
  return outbound.custom(async (request) => {
    const { authorization = "", ...others } = await signed(request);
    const last = authorization.endsWith("0") ? "1" : "0";
    return { ...others, authorization: authorization.slice(0, -1) + last };
  });
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
