import type { AuthEvent, IdentityBase } from "@authmodes/core";
import { type EventSubject, subjectOf } from "@authmodes/core/inspect";
import type { Policy, RuleCondition, Values } from "@authmodes/rules";
import type { Asked, Decided } from "./api.ts";

const maxKept = 100;

interface Kept {
  readonly event: Decided;
  readonly subject: EventSubject | undefined;
}

/** The last events of an auth, with what they are about. */
export class Decisions {
  readonly #kept: Kept[] = [];

  /** Oldest first. */
  get events(): readonly Decided[] {
    return this.#kept.map(({ event }) => event);
  }

  keep(event: AuthEvent): Decided {
    const { cause: _cause, ...shown } = event;
    const subject = subjectOf(event);
    const kept: Decided = {
      ...shown,
      name: subject === undefined ? null : nameOf(subject.identity),
      isAsked: subject?.question !== undefined,
    };
    this.#kept.push({ event: kept, subject });
    if (this.#kept.length > maxKept) this.#kept.shift();
    return kept;
  }

  /** Returns what the rules were asked for a request; undefined if they were not, or if it is no longer kept. */
  askedOf(id: string, policy: Policy): Asked | undefined {
    const subject = this.#kept.findLast(({ event }) => event.id === id && event.isAsked)?.subject;
    if (subject?.question === undefined) return undefined;
    const { model, operation, record, input } = subject.question;
    const conditions = conditionsOf(policy, model);
    const fields = fieldsRead(policy, model, conditions);
    return {
      identity: withClaims(subject.identity, conditions),
      model,
      operation,
      ...(record !== undefined && { record: record && only(record, fields) }),
      ...(input !== undefined && { input: masked(input, fields) }),
    };
  }
}

const nameClaims = ["cognito:username", "preferred_username", "username", "name", "email"];

/** The session name of all callers of an identity pool. */
const poolSession = "CognitoIdentityCredentials";

/** What people call the caller; null if the credentials name only an id. */
function nameOf(identity: IdentityBase): string | null {
  const claims = claimsOf(identity);
  const own = "username" in identity ? identity.username : undefined;
  const found = [own, ...nameClaims.map((claim) => claims[claim])].find((name) => typeof name === "string");
  const isName = typeof found === "string" && found !== identity.id && found !== poolSession;
  return isName ? found.slice(0, 200) : null;
}

function claimsOf(identity: IdentityBase): Values {
  return "claims" in identity ? Object(identity.claims) : {};
}

/** The rules of a model and its fields, and their further conditions. */
function conditionsOf({ schema }: Policy, model: string): readonly RuleCondition[] {
  const { rules = [], fields } = schema.models[model] ?? { fields: {} };
  const all = [...rules, ...Object.values(fields).flatMap((field) => field.rules ?? [])];
  return all.flatMap((rule) => [rule, ...(rule.allOf ?? [])]);
}

/** Only what rules compare: other claims of a person are none of the studio's business. */
function withClaims(identity: IdentityBase, conditions: readonly RuleCondition[]): IdentityBase {
  if (!("claims" in identity))
    return { ...identity, ...("resolverContext" in identity && { resolverContext: {} }) };
  const read = conditions.flatMap(({ identityClaim = "", groupClaim = "" }) => [
    ...identityClaim.split("::"),
    groupClaim,
  ]);
  const names = new Set(["iss", "sub", "username", "cognito:username", "cognito:groups", "groups", ...read]);
  return { ...identity, claims: only(claimsOf(identity), names) } as IdentityBase;
}

/** The key, owners and groups: what rules compare, and what names the record. */
function fieldsRead(
  { schema }: Policy,
  model: string,
  conditions: readonly RuleCondition[],
): ReadonlySet<string> {
  return new Set([
    ...(schema.models[model]?.key ?? ["id"]),
    ...conditions.flatMap(({ allow, ownerField = "owner", groupsField }) =>
      allow === "owner" ? [ownerField] : (groupsField ?? []),
    ),
  ]);
}

function only(values: Values, names: ReadonlySet<string>): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}

/** Rules look at which fields are written, but not at their values. */
function masked(values: Values, names: ReadonlySet<string>): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, names.has(name) || value === null ? value : "…"]),
  );
}
