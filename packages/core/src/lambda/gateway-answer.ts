import { AuthError } from "../refusal/error.ts";
import type { LambdaIdentity } from "../identity.ts";
import { type Answer, lambdaIdentity, malformed, optionalRecord, parseAnswer } from "./answer.ts";
import { evaluate, invokeStatements } from "./iam-policy.ts";
import { methodArns, type StageName } from "./method-arn.ts";

/**
 * Reads `{ principalId, policyDocument, context? }` (API Gateway developer guide, "Output from an API Gateway Lambda
 * authorizer"). The policy is evaluated for each request, also where the answer was remembered.
 */
export function policyAnswer(text: string, name: StageName): Answer {
  return readPolicy(parseAnswer(text), text.length, name);
}

/** Reads that, or the simple `{ isAuthorized, context? }` of HTTP APIs. */
export function policyOrSimpleAnswer(text: string, name: StageName): Answer {
  const answer = parseAnswer(text);
  if (answer["isAuthorized"] === undefined) return readPolicy(answer, text.length, name);
  if (answer["policyDocument"] !== undefined) throw malformed("it has both isAuthorized and policyDocument");
  return readSimple(answer, text.length);
}

function readPolicy(answer: Record<string, unknown>, size: number, name: StageName): Answer {
  const { principalId, policyDocument, context } = answer;
  if (typeof principalId !== "string" || principalId === "") throw malformed("principalId is not a string");
  const statements = invokeStatements(policyDocument);
  const identity = lambdaIdentity(principalId, strings(context));
  return {
    ttlOverride: undefined,
    size,
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

function readSimple({ isAuthorized, context }: Record<string, unknown>, size: number): Answer {
  if (typeof isAuthorized !== "boolean") throw malformed("isAuthorized is not true or false");
  const read = { ttlOverride: undefined, size };
  if (!isAuthorized) return { ...read, decide: forbid };
  const identity = lambdaIdentity(null, optionalRecord(context, "context"));
  return { ...read, decide: () => identity };
}

function forbid(): LambdaIdentity {
  throw new AuthError("forbidden", "authorizer_denied", {
    detail: "the authorizer answered isAuthorized: false",
    awsType: "ForbiddenException",
    awsMessage: "Forbidden",
  });
}

/** API Gateway hands on the context of a policy as strings and takes nothing nested. */
function strings(value: unknown): Record<string, string> {
  const entries = Object.entries(optionalRecord(value, "context")).map(([name, member]) => {
    if (typeof member === "string") return [name, member] as const;
    if (typeof member === "number" || typeof member === "boolean") return [name, String(member)] as const;
    throw malformed(`context.${name} is not a string, a number or a boolean`);
  });
  return Object.fromEntries(entries);
}
