import { AuthError } from "../refusal/error.ts";
import type { LambdaIdentity } from "../identity.ts";
import { type Answer, lambdaIdentity, malformed, optionalRecord, parseAnswer } from "./answer.ts";
import { type ApiName, deniedField } from "./denied-fields.ts";

const maxTtlSeconds = 3600;

/** Reads `{ isAuthorized, resolverContext?, deniedFields?, ttlOverride? }` (AppSync developer guide). */
export function appsyncAnswer(text: string, api: ApiName): Answer {
  const { isAuthorized, resolverContext, deniedFields, ttlOverride } = parseAnswer(text);
  if (typeof isAuthorized !== "boolean") throw malformed("isAuthorized is not true or false");
  const read = { ttlOverride: ttl(ttlOverride), size: text.length };
  if (!isAuthorized) return { ...read, decide: refuse };
  const identity = lambdaIdentity(null, scalars(resolverContext), denied(deniedFields, api));
  return { ...read, decide: () => identity };
}

function refuse(): LambdaIdentity {
  throw new AuthError("credentials_refused", "authorizer_denied", {
    detail: "the authorizer answered isAuthorized: false",
  });
}

function ttl(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && value >= 0 && value <= maxTtlSeconds) return value;
  throw malformed(`ttlOverride is not a number of seconds from 0 to ${maxTtlSeconds}`);
}

function scalars(value: unknown): Record<string, unknown> {
  const context = optionalRecord(value, "resolverContext");
  for (const [name, member] of Object.entries(context)) {
    // AppSync has no use for nested values; dropping them would take away what a rule may look for.
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
