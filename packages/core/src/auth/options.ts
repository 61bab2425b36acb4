import type { ApiKeyIdentity } from "../identity.ts";
import { httpUrl, isProtected, parsePublicUrl } from "../lib/urls.ts";
import { checkFlag, checkFunction, checkOptions, closest, must } from "../lib/options.ts";
import { checkOnChange } from "./recheck.ts";
import type { Policy } from "../policy/policy.ts";
import type { ErrorFormat } from "../refusal/reply.ts";
import type {
  AuthMode,
  CallContext,
  Clock,
  IdentityBase,
  LookUp,
  MaybePromise,
  TokenFacts,
} from "../types.ts";

/** Options of `createAuth`. */
export interface AuthOptions {
  /** The format of rejections. Default `problem`. */
  readonly errorFormat?: ErrorFormat;
  /**
   * The URL that clients use for this server, with the path that a proxy strips: `https://api.example.com/v1`. Default:
   * the `Host` header and the path of the request.
   */
  readonly publicUrl?: string;
  /**
   * The URL that clients call, for clients that find out by themselves how to sign in, such as those of MCP servers:
   * `https://api.example.com/mcp`. Challenges then name the document of `protectedResource`, and the scopes of the route. Each
   * mode of tokens needs an `audience`: tokens for other services must be rejected. Default: challenges name no document.
   */
  readonly resource?: string;
  /**
   * The modes that decide if a request carries several kinds of credentials; the first that is on the request decides
   * alone. `precedence` can name a mode that this server does not use: a request that carries its credentials is then
   * rejected, even if it also carries others. Default: several kinds of credentials are a 400.
   */
  readonly precedence?: readonly string[];
  /**
   * An API key that is required in addition to the credentials of a mode, as with the usage plans of API Gateway. Never
   * enough alone. The identity gets the member `key`.
   */
  readonly requires?: AuthMode<ApiKeyIdentity>;
  /**
   * Returns whether a token, or temporary credentials of an identity pool, were revoked. Called for every request with
   * them, and every 60 seconds while its connection stays open (`watchConnection`), sooner with `onChange` (`LookUp`). The
   * answer is 503 if it throws or takes over 5 seconds. `openRevocations` of @authmodes/keys makes one.
   */
  readonly revoked?: LookUp<(token: TokenFacts, context: CallContext) => MaybePromise<boolean>>;
  /**
   * Counts the request of a caller, and throws an `AuthError` with the code `rate_limited` if it is one too many. Called
   * once for each request whose credentials were verified, before the route's groups, scopes and rules. With `requires`, the
   * caller is that of the API key. The answer is 503 if it throws another error or takes over 5 seconds. `createUsage` of
   * @authmodes/keys makes one. Default: nothing is counted.
   */
  readonly usage?: (caller: IdentityBase, context: CallContext) => MaybePromise<void>;
  /**
   * Whether to verify and report, but reject no request: for running beside a gateway before the switch. The caller of a
   * request that would be rejected is `{ mode: "refused" }`. Not together with `policy`. Default false.
   */
  readonly reportOnly?: boolean;
  /**
   * `pass` lets CORS preflights through to your handlers, without an identity: for a CORS middleware that runs after
   * `authenticate`. Any client can send a preflight, so a handler must do no more than answer it. By default, the guard
   * answers a preflight with 204 and runs no handler; `allow` always does.
   */
  readonly preflight?: "pass";
  /** The rules for what callers may do. `createPolicy` of @authmodes/rules makes a policy. Default: no rules. */
  readonly policy?: Policy;
  /** Default `Date.now`. */
  readonly clock?: Clock;
}

const optionNames = {
  errorFormat: ["format", "errors"],
  publicUrl: ["baseUrl"],
  resource: ["resourceUrl", "resourceServerUrl", "resource_metadata"],
  precedence: ["order"],
  requires: [],
  revoked: [],
  usage: ["usagePlans", "rateLimit", "throttle"],
  reportOnly: ["mirror"],
  preflight: [],
  policy: ["rules", "authorization"],
  clock: ["now"],
};
const builtInModes = ["apiKey", "iam", "userPool", "oidc", "lambda", "none"];
const errorFormats = ["problem", "apigateway", "appsync"];

/** @throws TypeError */
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
        "did you forget to call one? One of your own has a name and detect(request)",
    );
  }
  checkUnique(
    modes.map((mode) => mode.name),
    (name) => `createAuth(): ${name}() is in the list twice; give one ${name}() all of its options`,
  );
  checkUnique(
    modes.flatMap((mode) => mode.issuers ?? []),
    (issuer) => `createAuth(): two modes accept the issuer ${issuer}; a token of it could belong to either`,
  );
  checkPlaces(modes);
  const { precedence, errorFormat, requires, policy, reportOnly, revoked, usage, clock, preflight } = options;
  checkFlag("createAuth(): reportOnly", reportOnly);
  checkFunction("createAuth(): revoked", revoked, "(token) => true for a revoked one");
  checkOnChange("createAuth(): revoked", revoked);
  checkFunction("createAuth(): usage", usage, "such as what createUsage() of @authmodes/keys returns");
  must(
    usage === undefined || requires !== undefined || modes.some((mode) => mode.name !== "none"),
    "createAuth(): usage counts verified credentials, and none() has no credentials; add a mode, or remove usage",
  );
  checkFunction("createAuth(): clock", clock, "as Date.now is");
  must(
    precedence === undefined || Array.isArray(precedence),
    'createAuth(): precedence is a list of modes, such as ["apiKey", "iam"]',
  );
  if (policy !== undefined) checkPolicy(policy);
  must(
    policy === undefined || reportOnly !== true,
    "createAuth(): reportOnly rejects no request, so policy would protect no record; remove one of them",
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
  if (options.resource !== undefined) checkResource(options.resource, options, modes);
  if (requires === undefined) return;
  must(
    requires.name === "apiKey" && typeof requires.detect === "function",
    "createAuth(): requires takes what apiKey({ … }) returns",
  );
  const [keyHeader] = requires.requestHeaders ?? [];
  must(
    keyHeader !== "authorization",
    "createAuth(): the key of 'requires' comes along with other credentials; give it a header of its own",
  );
  must(
    !modes.some((mode) => mode.name === "apiKey" && mode.requestHeaders?.[0] === keyHeader),
    `createAuth(): apiKey() in the list and in 'requires' read the same header; give one of them another 'header'`,
  );
}

/** @throws TypeError unless clients can use the URL, and each mode of tokens says for whom its tokens are issued */
function checkResource(
  resource: string,
  { publicUrl, errorFormat }: AuthOptions,
  modes: readonly AuthMode[],
): void {
  const url = httpUrl(resource);
  // A `=` could pass for a parameter: clients search the challenge, which contains the URL, for `error=` and `scope=`.
  must(
    url !== undefined && [url.href, url.origin].includes(resource) && /^[^?#=@]*[^/?#=@]$/.test(resource),
    "createAuth(): resource is the whole URL that clients call, such as https://api.example.com/mcp, without a slash at the " +
      `end and without user, query, fragment and '=', not '${resource}'`,
  );
  must(isProtected(url, undefined), `createAuth(): resource ${resource} is plain http; clients need https`);
  must(
    publicUrl === undefined || parsePublicUrl(publicUrl).origin === url.origin,
    `createAuth(): resource is of another origin than publicUrl, so clients would reject it; both name this server`,
  );
  must(
    errorFormat !== "appsync",
    "createAuth(): resource needs an errorFormat that answers a missing scope with 403; 'appsync' answers 401",
  );
  const ofTokens = modes.filter(({ issuers }) => issuers !== undefined);
  must(
    ofTokens.length > 0 && ofTokens.every(({ issuers = [] }) => issuers.length > 0),
    "createAuth(): resource tells clients which issuers to sign in at; add oidc({ issuer, audience }) or userPool(), and " +
      "no oidc({ issuers }), whose issuers are unknown until tokens come",
  );
  for (const mode of ofTokens) {
    for (const { issuer, settings } of mode.describe?.(0).issuers ?? []) {
      must(
        settings["audience"] !== undefined,
        `createAuth(): resource needs ${mode.name}({ audience }), so that tokens for other services are rejected; for ${issuer} ` +
          `write audience: "${resource}", or its own name of this API, or null to accept tokens for any service`,
      );
    }
  }
}

/**
 * Else the order of the list would decide which mode gets what is in the place. Modes of tokens can share one: the issuer of
 * a token tells whose it is.
 */
function checkPlaces(modes: readonly AuthMode[]): void {
  for (const mode of modes) {
    for (const place of mode.places ?? []) {
      const rival = modes.find(
        (other) =>
          other !== mode &&
          other.places?.includes(place) &&
          (mode.issuers === undefined || other.issuers === undefined),
      );
      if (rival === undefined) continue;
      const names = [mode, rival].map(({ name }) => `${name}()`).join(" and ");
      const isKey = place === "authorization" && [mode, rival].some(({ name }) => name === "apiKey");
      const hint = isKey
        ? 'give apiKey() a prefix that its keys have, such as "sk_", or a scheme, such as "ApiKey"'
        : "let one of them read another place";
      throw new TypeError(`createAuth(): ${names} both take whatever is in ${place}; ${hint}`);
    }
  }
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

/** Adapters call each of them only when a request needs it. */
const policyFunctions = ["mask", "maskWritten", "displayed", "fields", "needsRecord"] as const;

/** @throws TypeError for what is no policy, or one with a function missing */
function checkPolicy(policy: Policy): void {
  must(
    typeof policy?.decide === "function",
    "createAuth(): policy takes what createPolicy() of @authmodes/rules returns",
  );
  must(
    typeof policy.list === "function",
    "createAuth(): policy needs list(identity, { model, operation }), which answers { allowed: true, rule, filter, " +
      "explanation } or a denial; its filter() is not called any more",
  );
  for (const name of policyFunctions) {
    must(typeof policy[name] === "function", `createAuth(): policy needs a function ${name}; see Policy`);
  }
}
