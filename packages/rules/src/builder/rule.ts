import { must } from "@authmodes/core/options";
import { providerOf } from "../compile/words.ts";
import type { AuthRule, Operation, Provider } from "../types.ts";

// Rules in the words of Amplify Gen 2: `allow.owner().to(["read"])`. A rule is never changed, each word makes a new one.

export type ModelOperation = Operation | "read";
/** Fields do not tell the kinds of reading apart. */
export type FieldOperation = "create" | "read" | "update" | "delete";

type TokenProvider = Extract<Provider, "userPools" | "oidc">;

/** A list of at least one: a rule that allows nothing is left out instead. */
export type NonEmpty<T> = readonly [T, ...T[]];

/** An entry of what `authorization` is given. */
export interface Rule<Op extends ModelOperation = ModelOperation> {
  /** Only these operations. Default: all of them. */
  to(operations: NonEmpty<Op>): this;
  readonly rule: AuthRule;
}

/** A rule about whoever is signed in: further conditions can be added. */
export interface TokenRule<Op extends ModelOperation = ModelOperation> extends Rule<Op> {
  /** Beyond Amplify: only where the other rule holds as well. It is asked of the same provider. */
  and(other: OwnerRule<Op> | GroupRule<Op>): this;
}

export interface OwnerRule<Op extends ModelOperation = ModelOperation> extends TokenRule<Op> {
  /** The claim that names the caller, or several joined by `::`. Default `sub::username`. */
  identityClaim(claim: string): this;
}

export interface GroupRule<Op extends ModelOperation = ModelOperation> extends TokenRule<Op> {
  /** The claim that lists the caller's groups. Default `cognito:groups`. */
  withClaimIn(claim: string): this;
}

export interface GuestRule<Op extends ModelOperation = ModelOperation> extends Rule<Op> {
  /** Beyond Amplify: users of the identity pool who are signed in, too. */
  includingSignedIn(): this;
}

/**
 * Whom a rule allows.
 * @typeParam One fields that hold one text
 * @typeParam Many fields that hold a list of texts
 */
export interface Allow<Op extends ModelOperation, One extends string, Many extends string> {
  /** Everybody with an API key. */
  publicApiKey(): Rule<Op>;
  /** Identity pool, unauthenticated role. */
  guest(): GuestRule<Op>;
  /** Whoever is signed in. Default `userPools`. */
  authenticated(provider?: TokenProvider): TokenRule<Op>;
  authenticated(provider: "identityPool"): Rule<Op>;
  /** Whom the field `owner` names. Default `userPools`. */
  owner(provider?: TokenProvider): OwnerRule<Op>;
  ownerDefinedIn(field: One, provider?: TokenProvider): OwnerRule<Op>;
  ownersDefinedIn(field: Many, provider?: TokenProvider): OwnerRule<Op>;
  group(group: string, provider?: TokenProvider): GroupRule<Op>;
  groups(groups: readonly string[], provider?: TokenProvider): GroupRule<Op>;
  groupDefinedIn(field: One, provider?: TokenProvider): GroupRule<Op>;
  groupsDefinedIn(field: Many, provider?: TokenProvider): GroupRule<Op>;
  /** Whom the Lambda authorizer lets in. */
  custom(provider?: "function"): Rule<Op>;
}

/** How the rules of a model or a field are given. */
export type RulesOf<Allow> = (allow: Allow) => readonly Rule[];

/** @returns the rules as JSON */
export function rulesFrom<Given>(give: (allow: Given) => readonly Rule[], allow: Given): readonly AuthRule[] {
  const rules: unknown = give(allow);
  if (!Array.isArray(rules) || rules.length === 0) {
    throw new TypeError("authorization is given a function that returns rules: (allow) => [allow.owner()]");
  }
  return rules.map((rule: unknown) => {
    must(typeof rule !== "function", "A rule is called: write allow.owner(), not allow.owner");
    must(rule instanceof BuiltRule, "A rule is made with allow, such as allow.owner()");
    return rule.rule;
  });
}

/** All words on one class: which of them make sense together is what the interfaces say. */
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

/** The words, for models and fields alike: what differs between them is in the types. */
export function allowWords<Op extends ModelOperation, One extends string, Many extends string>(): Allow<
  Op,
  One,
  Many
> {
  return words;
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
