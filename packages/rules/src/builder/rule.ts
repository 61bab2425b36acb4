import { must } from "@authmodes/core/options";
import { providerOf } from "../compile/words.ts";
import type { AuthRule, Operation, Provider } from "../types.ts";

// Rules in the syntax of Amplify Gen 2: `allow.owner().to(["read"])`. Rules are immutable: each call returns a new one.

export type ModelOperation = Operation | "read";
/** On fields there is only `read`, not the single kinds of reading. */
export type FieldOperation = "create" | "read" | "update" | "delete";

type TokenProvider = Extract<Provider, "userPools" | "oidc">;

/** A list of at least one. Leave out a rule that allows nothing. */
export type NonEmpty<T> = readonly [T, ...T[]];

/** A rule, as `authorization` takes it. */
export interface Rule<Op extends ModelOperation = ModelOperation> {
  /** Limits the rule to these operations. Default: all of them. */
  to(operations: NonEmpty<Op>): this;
  readonly rule: AuthRule;
}

/** A rule about signed-in users, which can have further conditions. */
export interface TokenRule<Op extends ModelOperation = ModelOperation> extends Rule<Op> {
  /** Not in Amplify: requires the other rule as well, for the same provider. */
  and(other: OwnerRule<Op> | GroupRule<Op>): this;
}

/** A rule about the user that the record names. */
export interface OwnerRule<Op extends ModelOperation = ModelOperation> extends TokenRule<Op> {
  /** Sets the claim that names the caller, or several joined by `::`. Default `sub::username`. */
  identityClaim(claim: string): this;
}

/** A rule about members of groups. */
export interface GroupRule<Op extends ModelOperation = ModelOperation> extends TokenRule<Op> {
  /** Sets the claim that lists the caller's groups. Default `cognito:groups`. */
  withClaimIn(claim: string): this;
}

/** A rule about guests of an identity pool. */
export interface GuestRule<Op extends ModelOperation = ModelOperation> extends Rule<Op> {
  /** Not in Amplify: admits signed-in users of the identity pool as well. */
  includingSignedIn(): this;
}

/**
 * The start of each rule: which callers it admits.
 * @typeParam One fields that hold one text
 * @typeParam Many fields that hold a list of texts
 */
export interface Allow<Op extends ModelOperation, One extends string, Many extends string> {
  /** Admits callers with an API key. */
  publicApiKey(): Rule<Op>;
  /** Admits guests of the identity pool (its unauthenticated role). */
  guest(): GuestRule<Op>;
  /** Admits signed-in users. Default provider: `userPools`. */
  authenticated(provider?: TokenProvider): TokenRule<Op>;
  authenticated(provider: "identityPool"): Rule<Op>;
  /** Admits the user that the field `owner` of the record names. Default provider: `userPools`. */
  owner(provider?: TokenProvider): OwnerRule<Op>;
  /** Admits the user that this field names. */
  ownerDefinedIn(field: One, provider?: TokenProvider): OwnerRule<Op>;
  /** Admits the users that this field, a list, names. */
  ownersDefinedIn(field: Many, provider?: TokenProvider): OwnerRule<Op>;
  /** Admits members of this group. */
  group(group: string, provider?: TokenProvider): GroupRule<Op>;
  /** Admits members of any of these groups. */
  groups(groups: readonly string[], provider?: TokenProvider): GroupRule<Op>;
  /** Admits members of the group that this field names. */
  groupDefinedIn(field: One, provider?: TokenProvider): GroupRule<Op>;
  /** Admits members of any group that this field, a list, names. */
  groupsDefinedIn(field: Many, provider?: TokenProvider): GroupRule<Op>;
  /** Admits callers that your authorizer accepts (mode `lambda`). */
  custom(provider?: "function"): Rule<Op>;
}

/** The function that `authorization` takes: `(allow) => [allow.owner()]`. */
export type RulesOf<Allow> = (allow: Allow) => readonly Rule[];

/** @returns the rules as JSON. `allow` is the same for models and fields: only its type differs. */
export function rulesFrom<Op extends ModelOperation, One extends string, Many extends string>(
  give: RulesOf<Allow<Op, One, Many>>,
): readonly AuthRule[] {
  const rules: unknown = give(words);
  if (!Array.isArray(rules) || rules.length === 0) {
    throw new TypeError("authorization takes a function that returns rules: (allow) => [allow.owner()]");
  }
  return rules.map((rule: unknown) => {
    must(typeof rule !== "function", "A rule is a call: write allow.owner(), not allow.owner");
    must(rule instanceof BuiltRule, "A rule is made with allow, such as allow.owner()");
    return rule.rule;
  });
}

/** One class with all methods: the interfaces say which of them a rule has. */
class BuiltRule {
  readonly rule: AuthRule;

  constructor(rule: AuthRule) {
    this.rule = rule;
  }

  to(operations: readonly ModelOperation[]): BuiltRule {
    const isNamed = Array.isArray(operations) && operations.length > 0;
    must(isNamed, "to([…]) names at least one operation. Leave a rule that allows nothing out.");
    return this.#with("operations", [...operations]);
  }

  identityClaim(claim: string): BuiltRule {
    return this.#with("identityClaim", claim);
  }

  withClaimIn(claim: string): BuiltRule {
    return this.#with("groupClaim", claim);
  }

  includingSignedIn(): BuiltRule {
    return this.#with("includeSignedIn", true);
  }

  and(other: { readonly rule: AuthRule }): BuiltRule {
    const { provider, operations, allOf = [], includeSignedIn: _, ...condition } = other.rule;
    const message = "Operations belong to the whole rule: write a.and(b).to([…]), not a.and(b.to([…]))";
    must(operations === undefined, message);
    const own = providerOf(this.rule);
    const isOne = provider === undefined || provider === own;
    must(isOne, `One token has to hold for both rules, but one is of ${own}, the other of ${provider}`);
    return new BuiltRule({ ...this.rule, allOf: [...(this.rule.allOf ?? []), condition, ...allOf] });
  }

  #with<Name extends keyof AuthRule>(name: Name, value: NonNullable<AuthRule[Name]>): BuiltRule {
    if (this.rule[name] !== undefined) throw new TypeError(`The rule has its ${name} already`);
    return new BuiltRule({ ...this.rule, [name]: value });
  }
}

const words = {
  publicApiKey: () => built({ allow: "public" }),
  guest: () => built({ allow: "public", provider: "identityPool" }),
  authenticated: (provider?: Provider) => built({ allow: "private" }, provider),
  owner: (provider?: Provider) => built({ allow: "owner" }, provider),
  ownerDefinedIn: ownersIn,
  ownersDefinedIn: ownersIn,
  group: (group: string, provider?: Provider) => built({ allow: "groups", groups: [group] }, provider),
  groups: (groups: readonly string[], provider?: Provider) =>
    built({ allow: "groups", groups: [...groups] }, provider),
  groupDefinedIn: groupsIn,
  groupsDefinedIn: groupsIn,
  custom: (provider?: Provider) => built({ allow: "custom" }, provider),
};

function ownersIn(field: string, provider?: Provider): BuiltRule {
  return built({ allow: "owner", ownerField: field }, provider);
}

function groupsIn(field: string, provider?: Provider): BuiltRule {
  return built({ allow: "groups", groupsField: field }, provider);
}

function built(rule: AuthRule, provider?: Provider): BuiltRule {
  return new BuiltRule(provider === undefined ? rule : { ...rule, provider });
}
