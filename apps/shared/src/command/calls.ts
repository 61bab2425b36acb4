import { AuthError, type AuthErrorCode, type ErrorFormat } from "@authmodes/core";
import { type HeaderSource, outbound, presign } from "@authmodes/core/outbound";
import type { WrongToken } from "@authmodes/testing";
import type { IdentityProvider } from "../identity/identity-provider.ts";
import { readRequest, sendAs } from "../page/exchange.ts";
import type { RunningShop } from "../start.ts";

/** A request that the shop sends to itself, and the expected answer. */
export type Call = readonly [
  caller: string,
  mode: string,
  /** Method, path and a body of JSON. */
  request: string,
  /** An HTTP status, or the code of a rejection, whose status depends on the error format. */
  expected: number | AuthErrorCode,
  meaning: string,
  special?: Special | undefined,
];

interface Special {
  /** Default: the caller's own credentials. */
  readonly source?: HeaderSource | undefined;
  /** Sends the request without headers of its own. */
  readonly send?: (method: string, url: URL) => Promise<Response>;
  /** Checks the body of a successful answer. */
  readonly says?: (body: unknown) => boolean;
}

export interface CallResult {
  /** undefined if there was no answer. */
  readonly got: number | undefined;
  readonly asExpected: boolean;
  readonly note: string;
}

/** Calls in every mode and in both directions, accepted and rejected, by titles. */
export function createCalls({ identityProvider }: RunningShop): ReadonlyMap<string, readonly Call[]> {
  return new Map([
    ["Accepted", acceptedCalls(identityProvider)],
    ["Rejected", rejectedCalls(identityProvider)],
    ["The shop calls its supplier, for libby", supplierCalls],
    ["Books", bookCalls],
    ["The rules of schema.graphql", ruleCalls],
  ]);
}

function acceptedCalls({ settings, credentials }: IdentityProvider): readonly Call[] {
  const { region } = settings;
  const { alice, machine } = credentials;
  const presigned = async (method: string, url: URL) =>
    fetch(await presign({ url, method, region, credentials: machine, expiresInSeconds: 60 }));
  const signed = outbound.iam({ region, service: "appsync", credentials: alice.aws });
  const idToken = outbound.userPool({ token: () => alice.idToken });
  const calls: readonly (readonly [string, string, string, string, Special?])[] = [
    ["anonymous", "none", "GET /public/ping", "open without credentials"],
    ["API key", "apiKey", "GET /whoami", "the key, found by its hash"],
    ["machine", "iam", "GET /whoami", "signed with a long-term key"],
    ["machine", "iam", "GET /whoami", "a presigned URL, for a minute", { send: presigned }],
    ["guest", "iam", "GET /whoami", "temporary keys of a guest"],
    ["alice", "iam", "POST /whoami {}", "temporary keys, a signed body", { source: signed }],
    ["alice", "userPool", "GET /whoami", "a user's access token"],
    ["alice", "userPool", "GET /whoami", "the same user's id token", { source: idToken }],
    ["otto", "oidc", "GET /whoami", "verified by discovered keys"],
    ["lambda", "lambda", "GET /whoami", "the authorizer said yes"],
  ];
  return calls.map(([caller, mode, request, meaning, special]) => {
    const says = (body: unknown) => field(body, "mode") === mode;
    return [caller, mode, request, 200, meaning, { says, ...special }];
  });
}

function rejectedCalls({ kit, settings, credentials }: IdentityProvider): readonly Call[] {
  const { region } = settings;
  const { apiKey, bob, lambda, machine } = credentials;
  const unknownKey = outbound.apiKey({ key: kit.apiKeys.valid.key }); // of the kit, not of the shop's store
  const oldKey = outbound.apiKey({ key: kit.apiKeys.expired.key });
  const stranger = { accessKeyId: "AKIASTRANGERSTRANGER", secretAccessKey: "another account's secret" };
  const unknown = outbound.iam({ region, credentials: stranger });
  const tampered = altered(outbound.iam({ region, credentials: machine }));
  const wrong = (kind: WrongToken) =>
    outbound.userPool({ token: () => kit.userPool.token({ username: "bob", wrong: kind }) });
  const foreign = outbound.oidc({ token: () => kit.oidc.token({ wrong: "issuer" }) });
  const denied = outbound.lambda({ token: lambda.deniedToken });
  const both = outbound.custom(() => ({ "x-api-key": apiKey, authorization: bob.accessToken }));
  const [whoami, ping, supplier] = ["GET /whoami", "GET /public/ping", "GET /suppliers/iam"];
  const calls: readonly (readonly [string, string, string, AuthErrorCode, string, HeaderSource?])[] = [
    ["stranger", "none", whoami, "credentials_missing", "none sent"],
    ["stranger", "apiKey", whoami, "credentials_refused", "wrong key", unknownKey],
    ["stranger", "apiKey", ping, "credentials_refused", "no fallback", unknownKey],
    ["partner", "apiKey", whoami, "credentials_expired", "an old key", oldKey],
    ["stranger", "iam", whoami, "credentials_refused", "unknown key", unknown],
    ["machine", "iam", whoami, "credentials_refused", "tampered", tampered],
    ["bob", "userPool", whoami, "credentials_expired", "old token", wrong("expired")],
    ["bob", "userPool", whoami, "credentials_refused", "tampered", wrong("tampered")],
    ["bob", "userPool", whoami, "credentials_refused", "other app", wrong("audience")],
    ["otto", "oidc", whoami, "credentials_refused", "bad issuer", foreign],
    ["lambda", "lambda", whoami, "credentials_refused", "it said no", denied],
    ["bob", "several", whoami, "credentials_ambiguous", "two sent", both],
    ["API key", "apiKey", supplier, "mode_not_accepted", "users only"],
    ["penny", "userPool", supplier, "forbidden", "not in Librarians"],
  ];
  return calls.map(([caller, mode, request, code, why, source]): Call => {
    const meaning = `${code}: ${why}`;
    return [caller, mode, request, code, meaning, { source }];
  });
}

const supplierCalls = [
  ["apiKey", "the shop's API key"],
  ["iam", "signed by the shop"],
  ["userPool", "as a user of the pool"],
  ["oidc", "a client's token"],
  ["lambda", "for its authorizer"],
  ["forward", "libby's own token"],
  ["none", "without credentials"],
].map(([mode, meaning = ""]): Call => {
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
    const items: readonly unknown[] = Object(field(body, "items"));
    return items.length === 20 && items.every((item) => field(item, "owner") === "alice");
  },
};

const ruleCalls: readonly Call[] = [
  ["alice", "userPool", "GET /orders", 200, "a full page of her own", allOfAlice],
  ["bob", "userPool", "GET /orders/101", "forbidden", "another user's"],
  ["bob", "userPool", "GET /orders/999", "not_found", "no such order"],
  ["API key", "apiKey", "GET /orders", "forbidden", "no rule covers API keys"],
  ["alice", "userPool", 'PATCH /orders/101 {"note":"gift wrap"}', 200, "her own"],
  ["alice", "userPool", 'PATCH /orders/101 {"owner":"bob"}', "forbidden", "no rule changes the owner"],
  ["libby", "userPool", 'PATCH /orders/101 {"note":null}', "forbidden", "null needs the right to delete"],
  ["alice", "userPool", 'POST /books {"title":"Mine"}', "forbidden", "Librarians only"],
  ["guest", "iam", "GET /reviews/101", 200, "open to guests"],
  ["penny", "userPool", "GET /clubs/102", 200, "the Poets' club"],
  ["penny", "userPool", "GET /clubs/101", "forbidden", "the Librarians' club"],
  ["bob", "userPool", "GET /employees/102", 200, "without the ssn", hides("ssn")],
  ["lambda", "lambda", "GET /reports/101", 200, "without the profit", hides("profit")],
  ["libby", "userPool", "GET /reports/101", "forbidden", "for the authorizer's callers"],
  ["machine", "iam", "GET /reports/101", 200, "its role may do everything"],
];

/** Signs with a wrong last digit. */
function altered(signed: HeaderSource): HeaderSource {
  return outbound.custom(async (request) => {
    const { authorization = "", ...others } = await signed(request);
    const last = authorization.endsWith("0") ? "1" : "0";
    return { ...others, authorization: authorization.slice(0, -1) + last };
  });
}

/** A request in the table: method and path. */
export function printed(request: string): string {
  return request.split(" ", 2).join(" ");
}

/** Makes a call. Does not throw: an answer that does not come is a result too. */
export async function makeCall(call: Call, { url, errorFormat, callers }: RunningShop): Promise<CallResult> {
  const [caller, mode, request, expected, meaning, { source, send, says } = {}] = call;
  const { method, path, body } = readRequest(request);
  const own = callers.find(({ name }) => name === caller)?.source ?? outbound.none();
  const target = new URL(path, url);
  const status = typeof expected === "number" ? expected : statusOf(expected, mode, errorFormat);
  try {
    const response = await (send?.(method, target) ?? sendAs(source ?? own, { method, url: target, body }));
    const answer: unknown = await response.json();
    const code = field(answer, "code");
    const isCode = typeof expected === "number" || code === undefined || code === expected;
    const asExpected = response.status === status && isCode && (says?.(answer) ?? true);
    const note = asExpected ? meaning : `expected ${status}, got ${JSON.stringify(answer)}`;
    return { got: response.status, asExpected, note };
  } catch (error) {
    const note = `expected ${status}: ${error instanceof Error ? error.message : String(error)}`;
    return { got: undefined, asExpected: false, note };
  }
}

/** The services whose formats these are answer the same rejection with different statuses. */
function statusOf(code: AuthErrorCode, mode: string, format: ErrorFormat): number {
  const decided = mode === "none" || mode === "several" ? undefined : mode;
  return new AuthError(code, code).within({ id: "", format, mode: decided, accepted: [] }).status;
}

function field(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? new Map(Object.entries(body)).get(name) : undefined;
}
