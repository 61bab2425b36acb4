import type { ApiKeyIdentity } from "../identity.ts";
import { checkFlag, checkFunction, checkOptions, closest, must } from "../lib/options.ts";
import type { Policy } from "../policy/policy.ts";
import type { ErrorFormat } from "../refusal/reply.ts";
import type { TokenFacts } from "./verification.ts";
import type { AuthMode, CallContext, Clock, MaybePromise } from "../types.ts";

export interface AuthOptions {
  /** How refusals read; default `problem`. */
  readonly errorFormat?: ErrorFormat;
  /** The URL under which clients see this server, with the path that a proxy strips: `https://api.example.com/v1`. */
  readonly publicUrl?: string;
  /** Who decides where a request has several kinds of credentials; without it that is a 400. */
  readonly precedence?: readonly string[];
  /**
   * API Gateway's usage-plan key: always required beside the credentials of a mode, never enough alone.
   * The identity gains `key`.
   */
  readonly requires?: AuthMode<ApiKeyIdentity>;
  /**
   * Asked for every request with a token, and every 60 seconds while its connection stays open (`watchConnection`).
   * What it throws is a 503, and so is an answer that takes over 5 seconds.
   */
  readonly revoked?: (token: TokenFacts, context: CallContext) => MaybePromise<boolean>;
  /**
   * Verifies and reports, but rejects no request: for running beside a gateway before the switch. The caller of a request
   * that would be rejected is `{ mode: "refused" }`. Not together with `policy`.
   */
  readonly reportOnly?: boolean;
  /**
   * `pass` lets CORS preflights through to your handlers, without an identity: for a CORS middleware that runs behind
   * `authenticate`. Any client can send one, so no handler there may do more than answer it. By default the guard
   * answers a preflight itself, with 204 and no handler; `allow` always does.
   */
  readonly preflight?: "pass";
  /** The rules: what callers may do once it is known who they are. `createPolicy` of @authmodes/rules makes one. */
  readonly policy?: Policy;
  /** Default `Date.now`. */
  readonly clock?: Clock;
}

const optionNames = {
  errorFormat: ["format", "errors"],
  publicUrl: ["baseUrl"],
  precedence: ["order"],
  requires: [],
  revoked: [],
  reportOnly: ["mirror"],
  preflight: [],
  policy: ["rules", "authorization"],
  clock: ["now"],
};
const builtInModes = ["apiKey", "iam", "userPool", "oidc", "lambda", "none"];
const errorFormats = ["problem", "apigateway", "appsync"];

/** @throws TypeError that says what to write instead */
export function checkModes(modes: readonly AuthMode[], options: AuthOptions): void {
  must(
    Array.isArray(modes) && modes.length > 0,
    "createAuth() takes a list of modes, such as [apiKey({ … }), none()]",
  );
  checkOptions("createAuth()", options, optionNames);
  for (const mode of modes) {
    must(
      typeof mode?.detect === "function" && typeof mode.name === "string",
      "createAuth(): a mode is what apiKey(), iam(), userPool(), oidc(), lambda() or none() returns; " +
        "did you forget to call one?",
    );
  }
  checkUnique(
    modes.map((mode) => mode.name),
    (name) => `createAuth(): ${name}() stands twice in the list; give one ${name}() all of its options`,
  );
  checkUnique(
    modes.flatMap((mode) => mode.issuers ?? []),
    (issuer) => `createAuth(): the issuer ${issuer} stands twice; a token could not be told to belong to one`,
  );
  const { precedence, errorFormat, requires, policy, reportOnly, revoked, clock, preflight } = options;
  checkFlag("createAuth(): reportOnly", reportOnly);
  checkFunction("createAuth(): revoked", revoked, "(token) => true for a revoked one");
  checkFunction("createAuth(): clock", clock, "as Date.now is");
  must(
    precedence === undefined || Array.isArray(precedence),
    'createAuth(): precedence is a list of modes, such as ["apiKey", "iam"]',
  );
  must(
    policy === undefined || typeof policy?.decide === "function",
    "createAuth(): policy takes what createPolicy() of @authmodes/rules returns",
  );
  must(
    policy === undefined || typeof policy.list === "function",
    "createAuth(): policy needs list(identity, { model, operation }), which answers { allowed: true, rule, filter, " +
      "explanation } or a denial; its filter() is not called any more",
  );
  must(
    policy === undefined || reportOnly !== true,
    "createAuth(): reportOnly rejects no request, so a policy could not protect any record; leave out one of them",
  );
  must(
    preflight === undefined || preflight === "pass",
    `createAuth(): preflight takes 'pass' only, not ${JSON.stringify(preflight)}; without it guards answer CORS preflights`,
  );
  must(
    errorFormat === undefined || errorFormats.includes(errorFormat),
    `createAuth(): errorFormat is ${errorFormats.join(", ")}, not '${String(errorFormat)}'`,
  );
  const known = [...new Set([...builtInModes, ...modes.map((mode) => mode.name)])];
  for (const name of precedence ?? []) {
    if (!known.includes(name)) throw new TypeError(unknownModeText("createAuth(): precedence", name, known));
  }
  if (requires === undefined) return;
  must(
    requires.name === "apiKey" && typeof requires.detect === "function",
    "createAuth(): requires takes what apiKey({ … }) returns",
  );
  const shared = modes.find(
    (mode) => mode.name === "apiKey" && mode.requestHeaders?.[0] === requires.requestHeaders?.[0],
  );
  must(
    shared === undefined,
    `createAuth(): apiKey() in the list and in 'requires' read the same header; give one of them another 'header'`,
  );
}

function checkUnique(values: readonly string[], sentence: (value: string) => string): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) throw new TypeError(sentence(twice));
}

export function unknownModeText(where: string, name: string, known: readonly string[]): string {
  const meant = typeof name === "string" ? closest(name, known) : undefined;
  const hint = meant === undefined ? `it is one of ${known.join(", ")}` : `write '${meant}'`;
  return `${where}: there is no mode '${name}' here; ${hint}`;
}
