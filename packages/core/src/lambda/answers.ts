import { AuthError, unavailable, refused } from "../refusal/error.ts";
import type { LambdaIdentity } from "../identity.ts";
import { deepFreeze, isObject, type JsonObject, isText } from "../lib/json.ts";
import { askable } from "../auth/recheck.ts";
import type { RequestView } from "../types.ts";
import { list } from "../lib/options.ts";
import { evaluate, globMatches, type InvokeStatement, methodArns, type StageName } from "./policy.ts";

/** The answer of an authorizer, checked. It can be cached: it holds nothing of the request. */
export interface Answer {
  /** How long to cache it, in seconds; undefined if the authorizer does not say. */
  readonly ttlOverride?: number | undefined;
  /**
   * Applies the answer to a request.
   * @throws AuthError if it rejects the request; a new error each time, because an error belongs to one request
   */
  decide(request: RequestView): LambdaIdentity;
}

/**
 * Parses the object that an authorizer answered with.
 * @throws Error with the message of a Lambda function that failed
 * @throws AuthError `authorizer_answer_malformed`
 */
export function parseAnswer(text: string): JsonObject {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    // The parser's error would quote the answer.
    throw malformed("it is not JSON");
  }
  if (!isObject(answer)) throw malformed("it is not an object");
  // Lambda's answer for a function that threw, if the client ignored `FunctionError`.
  if (typeof answer["errorMessage"] === "string") throw new Error(answer["errorMessage"]);
  return answer;
}

export function malformed(what: string): AuthError {
  return unavailable("authorizer_answer_malformed", `the authorizer's answer is unusable: ${what}`);
}

/** An object, or null or undefined for none. */
function optionalRecord(value: unknown, name: string): JsonObject {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw malformed(`${name} is not an object`);
  return value;
}

export function lambdaIdentity(
  principalId: string | null,
  resolverContext: JsonObject,
  deniedFields: readonly string[] = [],
): LambdaIdentity {
  const identity: LambdaIdentity = {
    mode: "lambda",
    id: principalId,
    principalId,
    resolverContext,
    deniedFields,
    groups: [],
    scopes: [],
    expiresAt: null,
  };
  return deepFreeze(askable(identity));
}

const maxTtlSeconds = 3600;

/** Reads `{ isAuthorized, resolverContext?, deniedFields?, ttlOverride? }` (AppSync developer guide). */
export function appsyncAnswer(answer: JsonObject, api: ApiName): Answer {
  const { isAuthorized, resolverContext, deniedFields } = answer;
  if (typeof isAuthorized !== "boolean") throw malformed("isAuthorized is not true or false");
  const ttlOverride = ttl(answer["ttlOverride"]);
  if (!isAuthorized) return { ttlOverride, decide: refuse };
  const identity = lambdaIdentity(null, scalars(resolverContext), denied(deniedFields, api));
  return { ttlOverride, decide: () => identity };
}

function refuse(): LambdaIdentity {
  throw refused("authorizer_denied", "the authorizer answered isAuthorized: false");
}

function ttl(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && value >= 0 && value <= maxTtlSeconds) return value;
  throw malformed(`ttlOverride is not a number of seconds from 0 to ${maxTtlSeconds}`);
}

function scalars(value: unknown): JsonObject {
  const context = optionalRecord(value, "resolverContext");
  for (const [name, member] of Object.entries(context)) {
    // AppSync does not accept nested values. Dropping them could remove what a rule looks for.
    if (typeof member === "object" && member !== null) {
      throw malformed(`resolverContext.${name} is nested; its values are strings, numbers, booleans or null`);
    }
  }
  return context;
}

function denied(value: unknown, api: ApiName): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw malformed("deniedFields is not a list");
  return [...new Set(value.flatMap((entry: unknown) => deniedField(entry, api)))];
}

/** The API that this server replaces. Undefined members are not compared. */
type ApiName = Readonly<Record<"region" | "accountId" | "apiId", string | undefined>>;

const plainShape = /^[_A-Za-z]\w*\.[_A-Za-z]\w*$/;
const arnShape =
  /^arn:aws[a-z-]*:appsync:([^:/*]*):([^:/*]*):apis\/([^:/*]+)\/types\/([_A-Za-z]\w*)\/fields\/([_A-Za-z]\w*)$/;

/**
 * Reads an entry of `deniedFields` as `Type.field`; none if it belongs to another API.
 * A denial that we cannot read must not be ignored: it makes the whole answer unusable.
 */
export function deniedField(entry: unknown, api: ApiName): readonly string[] {
  if (typeof entry !== "string") throw malformed("an entry of deniedFields is not a string");
  if (plainShape.test(entry)) return [entry];
  const [, region = "", accountId = "", apiId = "", type = "", field = ""] = arnShape.exec(entry) ?? [];
  if (type === "") {
    throw malformed(
      `'${entry}' in deniedFields is neither Type.field nor a field's ARN; there are no wildcards`,
    );
  }
  if (api.apiId !== undefined && apiId !== api.apiId) return [];
  // Functions build the ARN from AWS_REGION, which is unset outside AWS.
  if (region !== "" && region !== "undefined") mustAgree("region", region, api.region, entry);
  mustAgree("accountId", accountId, api.accountId, entry);
  return [`${type}.${field}`];
}

/** The id matches, or none is set: another region or account is then a mistake, and ignoring the entry would be unsafe. */
function mustAgree(name: string, found: string, wanted: string | undefined, entry: string): void {
  if (wanted === undefined || found === wanted) return;
  throw malformed(`'${entry}' in deniedFields has ${name} '${found}', but lambda() was given '${wanted}'`);
}

/**
 * Reads `{ principalId, policyDocument, context? }` (API Gateway developer guide, "Output from an API Gateway Lambda
 * authorizer"). The policy is evaluated for each request, also if the answer was cached.
 */
export function policyAnswer(answer: JsonObject, name: StageName): Answer {
  const { principalId, policyDocument, context } = answer;
  if (!isText(principalId)) throw malformed("principalId is not a string");
  const statements = invokeStatements(policyDocument);
  const identity = lambdaIdentity(principalId, strings(context));
  return {
    decide(request) {
      const arns = methodArns(request, name);
      const decision = evaluate(statements, arns);
      if (decision === "allowed") return identity;
      const explicit = decision === "denied";
      throw new AuthError("forbidden", "policy_denied", {
        detail: `the policy of ${principalId} ${explicit ? "denies" : "does not allow"} ${arns.exact}`,
        awsMessage: `User is not authorized to access this resource${explicit ? " with an explicit deny" : ""}`,
      });
    },
  };
}

/** Reads that, or the simple `{ isAuthorized, context? }` of HTTP APIs. */
export function policyOrSimpleAnswer(answer: JsonObject, name: StageName): Answer {
  const { isAuthorized, policyDocument, context } = answer;
  if (isAuthorized === undefined) return policyAnswer(answer, name);
  if (policyDocument !== undefined) throw malformed("it has both isAuthorized and policyDocument");
  if (typeof isAuthorized !== "boolean") throw malformed("isAuthorized is not true or false");
  if (!isAuthorized) return { decide: forbid };
  const identity = lambdaIdentity(null, optionalRecord(context, "context"));
  return { decide: () => identity };
}

function forbid(): LambdaIdentity {
  throw new AuthError("forbidden", "authorizer_denied", {
    detail: "the authorizer answered isAuthorized: false",
    awsType: "ForbiddenException",
    awsMessage: "Forbidden",
  });
}

/** API Gateway passes the context of a policy on as strings and accepts nothing nested. */
function strings(value: unknown): Record<string, string> {
  const entries = Object.entries(optionalRecord(value, "context")).map(([name, member]) => {
    if (typeof member === "string") return [name, member] as const;
    if (typeof member === "number" || typeof member === "boolean") return [name, String(member)] as const;
    throw malformed(`context.${name} is not a string, a number or a boolean`);
  });
  return Object.fromEntries(entries);
}

const action = "execute-api:invoke";
const readable = new Set(["Sid", "Effect", "Action", "Resource"]);

/**
 * Reads the statements of a policy document about `execute-api:Invoke`.
 * @throws AuthError `authorizer_answer_malformed`; `authorizer_policy_unsupported` for elements such as `Condition`,
 *   which change the meaning of a statement
 */
export function invokeStatements(document: unknown): readonly InvokeStatement[] {
  if (!isObject(document)) throw malformed("policyDocument is not an object");
  return list<unknown>(document["Statement"]).flatMap(readStatement);
}

function readStatement(statement: unknown): readonly InvokeStatement[] {
  if (!isObject(statement)) throw malformed("policyDocument.Statement is not a list of objects");
  const strange = Object.keys(statement).find((name) => !readable.has(name));
  if (strange !== undefined) throw unsupported(`a statement has '${strange}'`);
  const { Effect: effect } = statement;
  if (effect !== "Allow" && effect !== "Deny") throw malformed("a statement's Effect is not Allow or Deny");
  const actions = texts(statement["Action"], "Action");
  const resources = texts(statement["Resource"], "Resource");
  if (resources.some((resource) => resource.includes("${"))) throw unsupported("a Resource has a variable");
  // IAM ignores the letter case of actions.
  return actions.some((name) => globMatches(name.toLowerCase(), action)) ? [{ effect, resources }] : [];
}

function texts(value: unknown, name: string): readonly string[] {
  const items = list<unknown>(value);
  if (items.every((item) => typeof item === "string")) return items;
  throw malformed(`a statement's ${name} is not a string or a list of strings`);
}

function unsupported(what: string): AuthError {
  return unavailable("authorizer_policy_unsupported", `${what}: lambda() reads Effect, Action and Resource`);
}
