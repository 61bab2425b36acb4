import { AuthError, type AuthErrorCode, type ErrorFormat, newApiKey } from "@authmodes/core";
import { createAuthFetch, type HeaderSource, outbound, presign } from "@authmodes/core/outbound";
import type { WrongToken } from "@authmodes/testing";
import type { IdentityProvider } from "../identity/identity-provider.ts";
import type { RunningShop } from "../start.ts";

/** A request that the shop sends to itself, and the expected answer. */
export type Call = readonly [
  caller: string,
  mode: string,
  /** Method and path. */
  request: string,
  /** An HTTP status, or the code of a rejection, whose status depends on the error format. */
  expected: number | AuthErrorCode,
  meaning: string,
  special?: Special | undefined,
];

/** What is special about a call. Default: the caller's own credentials, no body. */
interface Special {
  readonly source?: HeaderSource;
  readonly body?: object;
  readonly send?: (method: string, url: URL) => Promise<Response>;
  /** Checks the body of a successful answer. */
  readonly says?: (body: unknown) => boolean;
}

export interface CallGroup {
  readonly title: string;
  readonly calls: readonly Call[];
}

export interface CallResult {
  readonly call: Call;
  /** undefined if there was no answer. */
  readonly got: number | undefined;
  readonly asExpected: boolean;
  readonly note: string;
}

/** Calls in every mode and in both directions, accepted and rejected. */
export async function createCalls({ identityProvider }: RunningShop): Promise<readonly CallGroup[]> {
  return [
    { title: "Accepted", calls: acceptedCalls(identityProvider) },
    { title: "Rejected", calls: await rejectedCalls(identityProvider) },
    { title: "The shop calls its supplier, for libby", calls: supplierCalls },
    { title: "Books", calls: bookCalls },
    { title: "The rules of schema.graphql", calls: ruleCalls },
  ];
}

function acceptedCalls({ region, credentials }: IdentityProvider): readonly Call[] {
  const { alice, machine } = credentials;
  const accepted = (caller: string, mode: string, meaning: string, special?: Special): Call => {
    const request = `${special?.body ? "POST" : "GET"} ${mode === "none" ? "/public/ping" : "/whoami"}`;
    return [
      caller,
      mode,
      request,
      200,
      meaning,
      { says: (body) => field(body, "mode") === mode, ...special },
    ];
  };
  const presigned = async (method: string, url: URL) =>
    fetch(await presign({ url, method, region, credentials: machine, expiresInSeconds: 60 }));
  const signed = outbound.iam({ region, service: "appsync", credentials: alice.aws });
  const idToken = outbound.userPool({ token: () => alice.idToken });
  return [
    accepted("anonymous", "none", "open without credentials"),
    accepted("API key", "apiKey", "the key, found by its hash"),
    accepted("machine", "iam", "signed with a long-term key"),
    accepted("machine", "iam", "a presigned URL, for a minute", { send: presigned }),
    accepted("guest", "iam", "temporary keys of a guest"),
    accepted("alice", "iam", "temporary keys, a signed body", { source: signed, body: {} }),
    accepted("alice", "userPool", "a user's access token"),
    accepted("alice", "userPool", "the same user's id token", { source: idToken }),
    accepted("otto", "oidc", "verified by discovered keys"),
    accepted("lambda", "lambda", "the authorizer said yes"),
  ];
}

async function rejectedCalls({ kit, region, credentials }: IdentityProvider): Promise<readonly Call[]> {
  const rejected = (
    caller: string,
    mode: string,
    code: AuthErrorCode,
    why: string,
    source?: HeaderSource,
    path = "/whoami",
  ): Call => [caller, mode, `GET ${path}`, code, `${code}: ${why}`, source && { source }];
  const key = (value: string) => outbound.apiKey({ key: value });
  const iam = (keys: Parameters<typeof outbound.iam>[0]["credentials"]) =>
    outbound.iam({ region, credentials: keys });
  const unknownKey = key((await newApiKey({ expiresInSeconds: null })).key);
  const stranger = iam({ accessKeyId: "AKIASTRANGERSTRANGER", secretAccessKey: "another account's secret" });
  const wrong = async (kind: WrongToken) => {
    const token = await kit.userPool.token({ username: "bob", wrong: kind });
    return outbound.userPool({ token: () => token });
  };
  const otherIssuer = await kit.oidc.token({ wrong: "issuer" });
  const both = outbound.custom(() => ({
    "x-api-key": credentials.apiKey,
    authorization: credentials.bob.accessToken,
  }));
  const denied = outbound.lambda({ token: credentials.lambda.deniedToken });
  return [
    rejected("stranger", "none", "credentials_missing", "none sent"),
    rejected("stranger", "apiKey", "credentials_refused", "wrong key", unknownKey),
    rejected("stranger", "apiKey", "credentials_refused", "no fallback", unknownKey, "/public/ping"),
    rejected("partner", "apiKey", "credentials_expired", "an old key", key(kit.apiKeys.expired.key)),
    rejected("stranger", "iam", "credentials_refused", "unknown key", stranger),
    rejected("machine", "iam", "credentials_refused", "tampered", tampered(iam(credentials.machine))),
    rejected("bob", "userPool", "credentials_expired", "old token", await wrong("expired")),
    rejected("bob", "userPool", "credentials_refused", "tampered", await wrong("tampered")),
    rejected("bob", "userPool", "credentials_refused", "other app", await wrong("audience")),
    rejected(
      "otto",
      "oidc",
      "credentials_refused",
      "bad issuer",
      outbound.oidc({ token: () => otherIssuer }),
    ),
    rejected("lambda", "lambda", "credentials_refused", "it said no", denied),
    rejected("bob", "several", "credentials_ambiguous", "two sent", both),
    rejected("API key", "apiKey", "mode_not_accepted", "users only", undefined, "/suppliers/iam"),
    rejected("penny", "userPool", "forbidden", "not in Librarians", undefined, "/suppliers/iam"),
  ];
}

const supplierCalls = (
  [
    ["apiKey", "the shop's API key"],
    ["iam", "signed by the shop"],
    ["userPool", "as a user of the pool"],
    ["oidc", "a client's token"],
    ["lambda", "for its authorizer"],
    ["forward", "libby's own token"],
    ["none", "without credentials"],
  ] as const
).map(([mode, meaning]): Call => {
  const seen = mode === "forward" ? "userPool" : mode;
  const says = (body: unknown) =>
    field(body, "status") === 200 && field(field(body, "body"), "mode") === seen;
  return ["libby", "userPool", `GET /suppliers/${mode}`, 200, meaning, { says }];
});

function hides(name: string): Special {
  return { says: (body) => field(body, name) === null };
}

const showsCost: Special = { says: (body) => typeof field(body, "costPrice") === "number" };

const bookCalls: readonly Call[] = [
  ["API key", "apiKey", "GET /books?limit=5", 200, "the first five, and a cursor"],
  ["guest", "iam", "GET /books/101", 200, "one book"],
  ["bob", "userPool", "GET /books/101", 200, "the cost price is hidden", hides("costPrice")],
  ["libby", "userPool", "GET /books/101", 200, "the cost price is shown", showsCost],
  ["otto", "oidc", "GET /books/999", 404, "no such book"],
  ["otto", "oidc", "GET /books?limit=0", 400, "no such limit"],
];

const allOfAlice: Special = {
  says(body) {
    const items = field(body, "items");
    return (
      Array.isArray(items) && items.length === 20 && items.every((item) => field(item, "owner") === "alice")
    );
  },
};

const ruleCalls: readonly Call[] = [
  ["alice", "userPool", "GET /orders", 200, "a full page of her own", allOfAlice],
  ["bob", "userPool", "GET /orders/101", "forbidden", "another user's"],
  ["bob", "userPool", "GET /orders/999", "not_found", "no such order"],
  ["API key", "apiKey", "GET /orders", "forbidden", "no rule covers API keys"],
  ["alice", "userPool", "PATCH /orders/101", 200, "her own", { body: { note: "gift wrap" } }],
  [
    "alice",
    "userPool",
    "PATCH /orders/101",
    "forbidden",
    "no rule changes the owner",
    { body: { owner: "bob" } },
  ],
  [
    "libby",
    "userPool",
    "PATCH /orders/101",
    "forbidden",
    "null needs the right to delete",
    { body: { note: null } },
  ],
  ["alice", "userPool", "POST /books", "forbidden", "Librarians only", { body: { title: "Mine" } }],
  ["guest", "iam", "GET /reviews/101", 200, "open to guests"],
  ["penny", "userPool", "GET /clubs/102", 200, "the Poets' club"],
  ["penny", "userPool", "GET /clubs/101", "forbidden", "the Librarians' club"],
  ["bob", "userPool", "GET /employees/102", 200, "without the ssn", hides("ssn")],
  ["lambda", "lambda", "GET /reports/101", 200, "without the profit", hides("profit")],
  ["libby", "userPool", "GET /reports/101", "forbidden", "for the authorizer's callers"],
  ["machine", "iam", "GET /reports/101", 200, "its role may do everything"],
];

/** Signs with a wrong last digit. */
function tampered(signed: HeaderSource): HeaderSource {
  return outbound.custom(async (request) => {
    const { authorization = "", ...others } = await signed(request);
    const last = authorization.endsWith("0") ? "1" : "0";
    return { ...others, authorization: authorization.slice(0, -1) + last };
  });
}

/** Makes a call. Does not throw: an answer that does not come is a result too. */
export async function makeCall(call: Call, { url, errorFormat, callers }: RunningShop): Promise<CallResult> {
  const [name, mode, request, expected, meaning, special = {}] = call;
  const { body, says } = special;
  const [method = "GET", path = "/"] = request.split(" ");
  const own = callers.find((caller) => caller.name === name)?.source ?? outbound.none();
  const send = special.send ?? over(special.source ?? own, body);
  const status = typeof expected === "number" ? expected : statusOf(expected, mode, errorFormat);
  try {
    const response = await send(method, new URL(path, url));
    const answer: unknown = await response.json();
    const code = field(answer, "code");
    const isCode = typeof expected === "number" || code === undefined || code === expected;
    const asExpected = response.status === status && isCode && (says?.(answer) ?? true);
    const note = asExpected ? meaning : `expected ${status}, got ${JSON.stringify(answer)}`;
    return { call, got: response.status, asExpected, note };
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    return { call, got: undefined, asExpected: false, note: `expected ${status}: ${note}` };
  }
}

/** Over HTTP, with the headers that a source adds. */
function over(source: HeaderSource, body?: object): NonNullable<Special["send"]> {
  return (method, url) =>
    createAuthFetch(source, { origins: [url.origin] })(url, {
      method,
      signal: AbortSignal.timeout(15_000),
      ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
}

/** The services whose formats these are answer the same rejection with different statuses. */
function statusOf(code: AuthErrorCode, mode: string, format: ErrorFormat): number {
  const decided = mode === "none" || mode === "several" ? undefined : mode;
  return new AuthError(code, code).within({ id: "", format, mode: decided, accepted: [] }).status;
}

function field(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? new Map(Object.entries(body)).get(name) : undefined;
}
