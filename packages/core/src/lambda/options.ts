import { isText } from "../lib/json.ts";
import { expressionMatcher } from "../jwt/claims.ts";
import { checkOptions, checkSeconds, closest, isToken, must } from "../lib/options.ts";
import type {
  AppSyncAuthorizerEvent,
  AuthorizerEvent,
  LambdaEventKind,
  RequestAuthorizerEvent,
  TokenAuthorizerEvent,
} from "./authorizer-events.ts";
import type { HttpAuthorizer, InvokedAuthorizer, LambdaFunction } from "./authorizers.ts";

interface SharedOptions<Event> {
  /**
   * The authorizer: a function in this process, an HTTP endpoint, or a function on Lambda that a client of yours invokes.
   * If it throws, the answer is 503, unless it throws an `AuthError` or, for API Gateway's events, the message
   * "Unauthorized".
   *
   * ```ts
   * const client = new LambdaClient({ region: "eu-west-1" });
   * const invoke = async (payload: string, { signal: abortSignal }: CallContext) => {
   *   const command = new InvokeCommand({ FunctionName: "authorizer", Payload: payload });
   *   const answer = await client.send(command, { abortSignal });
   *   const text = answer.Payload?.transformToString() ?? "";
   *   if (answer.FunctionError !== undefined) throw new Error(JSON.parse(text).errorMessage);
   *   return text;
   * };
   * lambda({ authorizer: { invoke } });
   * ```
   */
  readonly authorizer: LambdaFunction<Event> | HttpAuthorizer | InvokedAuthorizer;
  /**
   * The id of the API that the authorizer was written for, in the event. Default `local`. An ARN in `deniedFields` of
   * another API is ignored; without this option every ARN counts.
   */
  readonly apiId?: string;
  /** Twelve digits; default `000000000000`. */
  readonly accountId?: string;
  /** Default `local`. */
  readonly region?: string;
  /**
   * How many seconds an answer is cached, 0 to 3600. Default 0. AppSync's `ttlOverride` in an answer overrides it.
   * Answers are cached by token and `identitySources`: leave it at 0 if the authorizer looks at the GraphQL query.
   */
  readonly ttlSeconds?: number;
  /**
   * What else decisions depend on: `header:<name>`, `query:<name>`, `method`, `path`. For `request`, a request without
   * one of these headers and query parameters is rejected and the authorizer is not called; this mode's credential is
   * then `header:authorization` if it is listed, else the first of them. Default: the header `authorization`.
   */
  readonly identitySources?: readonly string[];
  /** How many seconds to wait for the authorizer. Default 5. AWS waits 10. */
  readonly timeoutSeconds?: number;
  /** How many calls may run at the same time. Default 100. Further requests are answered with 503. */
  readonly maxConcurrent?: number;
}

interface TokenExpression {
  /** Must match the whole token, or the authorizer is not called. */
  readonly identityValidationExpression?: RegExp | string;
}

interface Staged {
  /** The stage in `methodArn`; default `$default`. */
  readonly stage?: string;
}

/** For an authorizer that was written for AppSync and answers with its `isAuthorized`. */
interface AppSyncLambdaOptions extends SharedOptions<AppSyncAuthorizerEvent>, TokenExpression {
  readonly event?: "appsync";
  /** The longest JSON body that is read for the GraphQL query, in bytes; default 1 MiB. A longer one is a 413. */
  readonly maxBodyBytes?: number;
}

/** For an authorizer that was written for `TOKEN` events of API Gateway and answers with a policy. */
interface TokenLambdaOptions extends SharedOptions<TokenAuthorizerEvent>, TokenExpression, Staged {
  readonly event: "token";
  /** The header with the token; default `authorization`. */
  readonly header?: string;
}

/** For an authorizer that was written for `REQUEST` events and answers with a policy or the simple `isAuthorized`. */
interface RequestLambdaOptions extends SharedOptions<RequestAuthorizerEvent>, Staged {
  readonly event: "request";
}

/** Options of `lambda`, by `event`. */
export type LambdaOptions = AppSyncLambdaOptions | TokenLambdaOptions | RequestLambdaOptions;

/** The same, for the code that reads them. */
export interface AnyLambdaOptions extends SharedOptions<AuthorizerEvent>, TokenExpression, Staged {
  readonly event?: LambdaEventKind;
  readonly header?: string;
  readonly maxBodyBytes?: number;
}

const names = {
  authorizer: ["function", "handler", "lambda", "authorizerUri"],
  event: ["type"],
  header: [],
  apiId: [],
  accountId: ["account"],
  region: [],
  stage: [],
  identityValidationExpression: ["identityValidation", "tokenValidation"],
  ttlSeconds: [
    "ttl",
    "cacheTtl",
    "ttlOverride",
    "authorizerResultTtlInSeconds",
    "timeToLiveInSeconds",
    "resultsCacheTtl",
  ],
  identitySources: ["identitySource"],
  timeoutSeconds: ["timeout"],
  maxConcurrent: ["concurrency", "maxConcurrency"],
  maxBodyBytes: [],
};

const kinds: readonly string[] = ["appsync", "token", "request"] satisfies LambdaEventKind[];

/** Options that other kinds of events do not have. Ignoring one would silently skip a check. */
const onlyFor: readonly (readonly [option: keyof AnyLambdaOptions, kinds: readonly string[]])[] = [
  ["header", ["token"]],
  ["stage", ["token", "request"]],
  ["identityValidationExpression", ["appsync", "token"]],
  ["maxBodyBytes", ["appsync"]],
];

/** @throws TypeError that says what to write */
export function checkLambdaOptions(options: AnyLambdaOptions): void {
  checkOptions("lambda()", options, names);
  const { event = "appsync" } = options;
  if (!kinds.includes(event)) {
    const meant = closest(event, kinds);
    const hint = meant === undefined ? "" : `; write '${meant}'`;
    throw new TypeError(`lambda(): event is ${kinds.join(", ")}, not '${event}'${hint}`);
  }
  for (const [option, only] of onlyFor) {
    must(
      options[option] === undefined || only.includes(event),
      `lambda(): '${option}' means nothing for event '${event}', only for ${only.join(" and ")}`,
    );
  }
  checkAuthorizer(options.authorizer);
  checkNames(options);
  checkNumbers(options);
}

function checkAuthorizer(authorizer: AnyLambdaOptions["authorizer"]): void {
  if (typeof authorizer === "function") return;
  must(
    typeof authorizer === "object" && authorizer !== null && ("url" in authorizer || "invoke" in authorizer),
    "lambda(): authorizer is a function, { url } or { invoke }",
  );
  if ("url" in authorizer) return; // checked by httpAuthorizer()
  must(
    typeof authorizer.invoke === "function" && !("send" in authorizer),
    "lambda(): authorizer.invoke is a function that takes the payload's JSON and gives the answer's; " +
      "wrap an SDK client, as the documentation of 'authorizer' shows",
  );
}

function checkNames({ header, apiId, accountId, region, stage, identitySources }: AnyLambdaOptions): void {
  must(header === undefined || isToken(header), `lambda(): '${header}' is not the name of a header`);
  const named = (value: string | undefined, shape: RegExp) =>
    value === undefined || (typeof value === "string" && shape.test(value));
  must(named(apiId, /^[\w-]+$/), `lambda(): apiId is letters and digits, not '${apiId}'`);
  must(named(accountId, /^\d{12}$/), "lambda(): accountId is a string of twelve digits");
  must(named(region, /^[a-z0-9-]+$/), `lambda(): region is a name such as eu-west-1, not '${region}'`);
  must(named(stage, /^(?:\$default|[\w-]+)$/), `lambda(): stage is letters and digits, not '${stage}'`);
  must(
    identitySources === undefined || (Array.isArray(identitySources) && identitySources.length > 0),
    "lambda(): identitySources is a list, such as ['header:x-tenant']",
  );
}

function checkNumbers(options: AnyLambdaOptions): void {
  const { ttlSeconds, timeoutSeconds, maxConcurrent, maxBodyBytes } = options;
  checkSeconds("lambda()", "ttlSeconds", ttlSeconds, 0, 3600);
  checkSeconds("lambda()", "timeoutSeconds", timeoutSeconds, 0.001, 900);
  for (const [name, value] of Object.entries({ maxConcurrent, maxBodyBytes })) {
    must(
      value === undefined || (Number.isInteger(value) && value > 0),
      `lambda(): ${name} is a whole number over 0, not ${String(value)}`,
    );
  }
}

/** Returns the check of `identityValidationExpression`; without that option every token passes. */
export function tokenTest({ identityValidationExpression }: AnyLambdaOptions): (token: string) => boolean {
  if (identityValidationExpression === undefined) return () => true;
  must(
    identityValidationExpression instanceof RegExp || isText(identityValidationExpression),
    "lambda(): identityValidationExpression is a regular expression, or the text of one",
  );
  return expressionMatcher(compile(identityValidationExpression)).accepts;
}

function compile(expression: RegExp | string): RegExp {
  try {
    return new RegExp(expression);
  } catch (cause) {
    throw new TypeError("lambda(): identityValidationExpression is not a regular expression", { cause });
  }
}
