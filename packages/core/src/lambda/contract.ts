import type { JsonObject } from "../lib/json.ts";
import { AuthError, refused } from "../refusal/error.ts";
import { hasTooManyParameters, maxParameters } from "../lib/bounds.ts";
import type { MaybePromise, RequestView, Fit } from "../types.ts";
import { type Answer, appsyncAnswer, policyAnswer, policyOrSimpleAnswer } from "./answers.ts";
import {
  appsyncEvent,
  type AuthorizerEvent,
  type LambdaEventKind,
  requestEvent,
  tokenEvent,
} from "./authorizer-events.ts";
import { refuseAmbiguousPath, type StageName, pathOf } from "./policy.ts";
import type { AnyLambdaOptions } from "./options.ts";
import { isSignature, queryOf } from "../auth/credentials.ts";
import { isToken, must } from "../lib/options.ts";

/** How one AWS service calls its authorizers. */
export interface Contract {
  /** In characters. */
  readonly maxTokenLength: number;
  /** Whether its event contains the body. */
  readonly readsBody: boolean;
  /** Rejects requests that an authorizer cannot decide about. */
  check(request: RequestView): void;
  /** @param now milliseconds since 1970 */
  event(token: string, request: RequestView, now: number): MaybePromise<AuthorizerEvent>;
  answer(answer: JsonObject): Answer;
  /** The rejection that a thrown message means; undefined for a failure of the authorizer. */
  refusal(message: string): AuthError | undefined;
}

export function contractOf(options: AnyLambdaOptions): Contract {
  const { region, accountId, apiId, maxBodyBytes = 1024 * 1024 } = options;
  const name: StageName = {
    region: region ?? "local",
    accountId: accountId ?? "000000000000",
    apiId: apiId ?? "local",
    stage: options.stage ?? "$default",
  };
  const gateway = {
    maxTokenLength: 8192,
    readsBody: false,
    check: refuseAmbiguousPath,
    refusal: unauthorized,
  };
  const contracts: Record<LambdaEventKind, Contract> = {
    appsync: {
      maxTokenLength: 2048,
      readsBody: true,
      check: () => {},
      event: (token, request) => appsyncEvent(token, request, name, maxBodyBytes),
      answer: (answer) => appsyncAnswer(answer, { region, accountId, apiId }),
      refusal: () => undefined,
    },
    token: {
      ...gateway,
      event: (token, request) => tokenEvent(token, request, name),
      answer: (answer) => policyAnswer(answer, name),
    },
    request: {
      ...gateway,
      check(request) {
        refuseAmbiguousPath(request);
        if (!hasTooManyParameters(request.target)) return;
        const detail = `the query has more than ${maxParameters} parameters`;
        throw new AuthError("credentials_malformed", "parameters_too_many", { detail });
      },
      event: (_token, request, now) => requestEvent(request, name, now),
      answer: (answer) => policyOrSimpleAnswer(answer, name),
    },
  };
  return contracts[options.event ?? "appsync"];
}

/** API Gateway developer guide, "Use API Gateway Lambda authorizers": only this message means a 401. */
function unauthorized(message: string): AuthError | undefined {
  if (message !== "Unauthorized") return undefined;
  return refused("authorizer_denied", 'the authorizer threw "Unauthorized"');
}

/** The place of this mode's credential, and what else its decisions depend on. */
export interface Credential {
  /** See `Detection`. */
  readonly place: string;
  readonly fit: Fit;
  /** Undefined if the credential is in the query. */
  readonly header: string | undefined;
  /** Every header that decisions depend on. */
  readonly headers: readonly string[];
  /** The value as received; undefined if there is none for this mode. */
  read(request: RequestView): string | undefined;
  /** @throws AuthError `identity_source_missing` */
  refuseMissing(request: RequestView): void;
  /** Everything that decisions depend on, as text. */
  key(request: RequestView): string;
}

const authorization: IdentitySource = { kind: "header", name: "authorization" };

export function credentialOf({ event, header, identitySources = [] }: AnyLambdaOptions): Credential {
  const declared = identitySources.map(parseSource);
  const sent = declared.filter(({ kind }) => kind === "header" || kind === "query");
  const required = event === "request" ? sent : [];
  const credential =
    header === undefined
      ? (required.find(isAuthorization) ?? required[0] ?? authorization)
      : ({ kind: "header", name: header.toLowerCase() } as const);
  const shared = isAuthorization(credential);
  // The function gets every header, so its decision may depend on an Authorization that was not declared.
  const parts = [credential, authorization, ...declared];

  return {
    place: credential.kind === "header" ? credential.name : `query:${credential.name}`,
    fit: shared ? "fallback" : "own",
    header: credential.kind === "header" ? credential.name : undefined,
    headers: [credential, ...declared].filter(({ kind }) => kind === "header").map(({ name }) => name),
    read(request) {
      const { kind, name } = credential;
      const value = kind === "header" ? request.header(name) : sourceValues(credential, request)[0];
      return value === undefined || (shared && isSignature(value)) ? undefined : value;
    },
    refuseMissing(request) {
      const missing = required.find((source) => sourceValues(source, request).every((value) => value === ""));
      if (missing === undefined) return;
      throw refused(
        "identity_source_missing",
        `the identity source ${missing.kind}:${missing.name} is missing`,
      );
    },
    key: (request) => JSON.stringify(parts.map((source) => sourceValues(source, request))),
  };
}

function isAuthorization({ kind, name }: IdentitySource): boolean {
  return kind === "header" && name === "authorization";
}

/** A part of a request that a decision may depend on. */
interface IdentitySource {
  readonly kind: "header" | "query" | "method" | "path";
  /** Of a header (lower-case) or a query parameter; empty for the others. */
  readonly name: string;
}

/** How API Gateway writes them: `method.request.header.Auth`, `$request.querystring.token`. */
const gatewaySource = /^(?:method\.|\$)request\.(header|querystring)\.(.+)$/;

/** @throws TypeError, with the right spelling */
function parseSource(text: string): IdentitySource {
  must(typeof text === "string", "lambda(): identitySources is a list of strings");
  if (text === "method" || text === "path") return { kind: text, name: "" };
  const [, kind = "", name = ""] = /^(header|query):(.+)$/.exec(text) ?? [];
  if (kind === "query") return { kind, name };
  if (kind === "header" && isToken(name)) return { kind, name: name.toLowerCase() };
  const [, place = "", meant = "<name>"] = gatewaySource.exec(text) ?? [];
  const hint =
    place === ""
      ? "an identity source is 'header:<name>', 'query:<name>', 'method' or 'path'"
      : `write '${place === "header" ? "header" : "query"}:${meant}'`;
  throw new TypeError(`lambda(): '${text}' is not an identity source; ${hint}`);
}

/** All values of a source on a request, in order; none if it is absent. */
function sourceValues({ kind, name }: IdentitySource, request: RequestView): readonly string[] {
  if (kind === "header") {
    // Of the raw headers: servers drop some repeats when they join them, and an authorizer gets all.
    const { rawHeaders } = request;
    return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
  }
  if (kind === "query") return queryOf(request).getAll(name);
  return [kind === "method" ? request.method : pathOf(request)];
}
