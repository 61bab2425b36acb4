import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { AuthErrorCode, ErrorFormat } from "@authmodes/core";
import type { AuditAnswer } from "./app.ts";
import { headerPairs } from "./http.ts";
import type { Exchange } from "./target.ts";

/** The handler was reached as this caller. */
export function accepted(exchange: Exchange, caller: Partial<AuditAnswer>): AuditAnswer {
  equal(exchange.status, 200, explained(exchange));
  const answer = JSON.parse(exchange.text) as AuditAnswer;
  deepEqual({ ...answer, ...caller }, answer);
  return answer;
}

/** The status of each code. */
const statuses: Readonly<Partial<Record<AuthErrorCode, number>>> = {
  credentials_malformed: 400,
  credentials_ambiguous: 400,
  invalid_input: 400,
  credentials_missing: 401,
  credentials_refused: 401,
  credentials_expired: 401,
  mode_not_accepted: 401,
  forbidden: 403,
  scope_missing: 403,
  not_found: 404,
  body_too_large: 413,
  misconfigured: 500,
  unavailable: 503,
};

/**
 * A refusal as RFC 9457 words it, with its event.
 * @param reason what the event says, never the answer
 * @param mode the one that decided, if one did
 * @param challenge the whole `WWW-Authenticate`
 */
export function refused(
  exchange: Exchange,
  code: AuthErrorCode,
  reason: string,
  mode?: string,
  challenge?: string | RegExp,
): void {
  const { headers, text, event } = exchange;
  const status = statuses[code];
  equal(exchange.status, status, explained(exchange));
  sane(exchange);
  match(String(headers["content-type"]), /^application\/problem\+json/);
  const body = JSON.parse(text) as Record<string, unknown>;
  deepEqual([body["status"], body["code"]], [status, code]);
  equal(event?.code, code);
  equal(event?.reason, reason, event?.detail);
  if (mode !== undefined) equal(event?.mode, mode);
  const sent = headers["www-authenticate"];
  if (status === 401) ok(sent, "a 401 needs a challenge (RFC 9110 §15.5.2)");
  if (challenge instanceof RegExp) match(String(sent), challenge);
  else if (challenge !== undefined) equal(sent, challenge);
}

/** The refusal of a request without credentials. */
export function needsCredentials(exchange: Exchange, challenge?: string | RegExp): void {
  refused(exchange, "credentials_missing", "no_credentials", undefined, challenge);
}

/** The refusal of a signed request. */
export function refusedSignature(exchange: Exchange, reason = "signature_mismatch"): void {
  refused(exchange, "credentials_refused", reason, "iam");
}

/** A body that is no input for the model. */
export function badInput(exchange: Exchange): void {
  const reason = exchange.event?.reason ?? "";
  match(reason, /^(?:input_not_object|input_too_deep|field_unknown)$/, explained(exchange));
  refused(exchange, "invalid_input", reason);
}

export interface AwsRefusal {
  readonly status: number;
  /** `x-amzn-ErrorType`. */
  readonly type: string;
  readonly message: string;
  readonly reason: string;
}

/** A refusal as API Gateway words it. */
export function refusedAsGateway(exchange: Exchange, expected: AwsRefusal): void {
  refusedAsAws(exchange, expected);
  deepEqual(JSON.parse(exchange.text), { message: expected.message });
}

/** A refusal as AppSync words it. */
export function refusedAsAppsync(exchange: Exchange, expected: AwsRefusal): void {
  refusedAsAws(exchange, expected);
  const { type: errorType, message } = expected;
  deepEqual(JSON.parse(exchange.text), { errors: [{ errorType, message }] });
}

const failures = {
  apigateway: { type: "AuthorizerConfigurationException", message: "Internal server error" },
  appsync: { type: "InternalFailureException", message: "Internal failure" },
};

/** The 500 for a mistake of the app, in the format of its auth. */
export function failed(exchange: Exchange, format: ErrorFormat, reason: string): void {
  if (format === "problem") return refused(exchange, "misconfigured", reason);
  const refusedAs = format === "appsync" ? refusedAsAppsync : refusedAsGateway;
  refusedAs(exchange, { status: 500, reason, ...failures[format] });
}

/** The 400 for what a caller sent, in the format of the auth. */
export function invalid(exchange: Exchange, format: ErrorFormat, message: string, reason: string): void {
  if (format === "problem") return refused(exchange, "invalid_input", reason);
  const refusedAs = format === "appsync" ? refusedAsAppsync : refusedAsGateway;
  refusedAs(exchange, { status: 400, type: "BadRequestException", message, reason });
}

function refusedAsAws(exchange: Exchange, expected: AwsRefusal): void {
  const { status, headers, event } = exchange;
  equal(status, expected.status, explained(exchange));
  sane(exchange);
  match(String(headers["content-type"]), /^application\/json/);
  equal(headers["x-amzn-errortype"], expected.type);
  match(String(headers["x-amzn-requestid"]), /^[0-9a-f-]{36}$/);
  equal(event?.reason, expected.reason);
}

/** The message of an audit that failed. */
function explained({ status, text, event }: Exchange): string {
  return `${status} ${text} ${event === undefined ? "" : `${event.reason}: ${event.detail}`}`;
}

/** What holds for every refusal. */
function sane(exchange: Exchange): void {
  const { headers, text, event } = exchange;
  equal(headers["cache-control"], "no-store");
  equal(headers["access-control-allow-origin"], "*", "the CORS headers that were set must survive");
  ok(event, `no event has the id of the answer: ${text}`);
  equal(event.type, "refused");
  const visible = `${text} ${JSON.stringify(headers)} ${JSON.stringify(event)}`;
  for (const secret of secretsOf(exchange))
    ok(!visible.includes(secret), "a credential of the request shows");
  const { code, reason = "" } = event;
  ok(reason === code || !`${text} ${JSON.stringify(headers)}`.includes(reason), "the private reason shows");
}

/** The secrets of a request, which must show nowhere. */
function secretsOf({ request }: Exchange): readonly string[] {
  const secrets: string[] = [];
  for (const [name, value] of headerPairs(request.headers)) {
    if (!/^(authorization|x-api-key|x-amz-security-token|cookie)$/i.test(name)) continue;
    secrets.push(value.replace(/^bearer /i, ""), ...(/Signature=(\w+)/.exec(value)?.slice(1) ?? []));
  }
  const query = request.target.split("?")[1] ?? "";
  secrets.push(...(/X-Amz-Signature=(\w+)/.exec(query)?.slice(1) ?? []));
  return secrets.filter((secret) => secret.length >= 8);
}
