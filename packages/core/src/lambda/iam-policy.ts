import { AuthError } from "../refusal/error.ts";
import { isRecord, malformed } from "./answer.ts";
import { globMatches } from "./glob.ts";

/** A statement of an IAM policy that speaks about calling an API. */
export interface InvokeStatement {
  readonly effect: "Allow" | "Deny";
  readonly resources: readonly string[];
}

/** `denied` by a statement that says so, or `unmentioned`. */
export type PolicyDecision = "allowed" | "denied" | "unmentioned";

/** What a request is called in policies. */
export interface MethodArns {
  readonly exact: string;
  /** Every spelling under which a server might route the same request: a denial of one denies it. */
  readonly alike: readonly string[];
}

const action = "execute-api:invoke";
const readable = new Set(["Sid", "Effect", "Action", "Resource"]);

/**
 * Reads what a policy document says about `execute-api:Invoke`.
 * @throws AuthError `authorizer_answer_malformed`; `authorizer_policy_unsupported` for elements such as `Condition`,
 *   without which a statement would mean something else
 */
export function invokeStatements(document: unknown): readonly InvokeStatement[] {
  if (!isRecord(document)) throw malformed("policyDocument is not an object");
  const statements: unknown = document["Statement"];
  const list: readonly unknown[] = Array.isArray(statements) ? statements : [statements];
  return list.flatMap(readStatement);
}

function readStatement(statement: unknown): readonly InvokeStatement[] {
  if (!isRecord(statement)) throw malformed("policyDocument.Statement is not a list of objects");
  const strange = Object.keys(statement).find((name) => !readable.has(name));
  if (strange !== undefined) throw unsupported(`a statement has '${strange}'`);
  const { Effect: effect } = statement;
  if (effect !== "Allow" && effect !== "Deny") throw malformed("a statement's Effect is not Allow or Deny");
  const actions = texts(statement["Action"], "Action");
  const resources = texts(statement["Resource"], "Resource");
  if (resources.some((resource) => resource.includes("${"))) throw unsupported("a Resource has a variable");
  // The letter case of actions means nothing in IAM.
  return actions.some((name) => globMatches(name.toLowerCase(), action)) ? [{ effect, resources }] : [];
}

function texts(value: unknown, name: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.every((item) => typeof item === "string")) return list;
  throw malformed(`a statement's ${name} is not a string or a list of strings`);
}

function unsupported(what: string): AuthError {
  return new AuthError("unavailable", "authorizer_policy_unsupported", {
    detail: `${what}: lambda() reads Effect, Action and Resource`,
    retryAfter: 5,
  });
}

/** A denial wins; without an allowance nothing is allowed (IAM user guide, "Policy evaluation logic"). */
export function evaluate(statements: readonly InvokeStatement[], arns: MethodArns): PolicyDecision {
  const names = (effect: string, matches: (resource: string) => boolean) =>
    statements.some((statement) => statement.effect === effect && statement.resources.some(matches));
  const spellings = arns.alike.map((arn) => arn.toLowerCase());
  if (names("Deny", (resource) => spellings.some((arn) => globMatches(resource.toLowerCase(), arn)))) {
    return "denied";
  }
  return names("Allow", (resource) => globMatches(resource, arns.exact)) ? "allowed" : "unmentioned";
}
