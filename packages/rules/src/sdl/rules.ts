import { type ConstDirectiveNode, type ConstValueNode, Kind } from "graphql";
import { type RulePlace, validateRule } from "../check/validate-rule.ts";
import { operations } from "../compile/operations.ts";
import { strategies, writtenProviders } from "../compile/words.ts";
import type { AuthRule, Operation, RuleCondition, Strategy } from "../types.ts";
import type { Complain } from "./document.ts";
import { entriesOf, flag, listOf, type Reader, refuseKind, text, type Vocabulary, word } from "./values.ts";

// Reads `@auth(rules: [{ … }])` as JSON.

const strategyWords: Vocabulary<Strategy> = {
  kind: "strategy",
  words: strategies,
  foreign: {
    authenticated: "private",
    guest: "public, provider: identityPool",
    guests: "public, provider: identityPool",
    lambda: "custom",
    publicApiKey: "public",
    resource: "nothing here, but name the function's role in the policy's adminRoles",
    signedIn: "private",
  },
};

const providerWords: Vocabulary<NonNullable<AuthRule["provider"]>> = {
  kind: "provider",
  words: writtenProviders,
  foreign: {
    AMAZON_COGNITO_USER_POOLS: "userPools",
    AWS_IAM: "identityPool",
    AWS_LAMBDA: "function",
    OPENID_CONNECT: "oidc",
    cognito: "userPools",
    lambda: "function",
  },
};

const operationWords: Vocabulary<Operation | "read"> = {
  kind: "operation",
  words: [...operations, "read"],
  foreign: {
    all: "[create, read, update, delete], or leave operations out",
    mutation: "[create, update, delete]",
    query: "read",
    subscribe: "listen",
    subscription: "listen",
    write: "[create, update]",
  },
};

const conditionReaders = {
  allow: word(strategyWords),
  ownerField: text,
  identityClaim: text,
  groups: listOf(text),
  groupsField: text,
  groupClaim: text,
} satisfies Record<keyof RuleCondition, Reader<unknown>>;

const conditionArguments: Vocabulary = {
  kind: "argument of conditions",
  words: Object.keys(conditionReaders),
};

const ruleReaders = {
  ...conditionReaders,
  provider: word(providerWords),
  operations: listOf(word(operationWords)),
  allOf: listOf((value, name, complain) =>
    readObject(value, name, conditionArguments, conditionReaders, complain),
  ),
  includeSignedIn: flag,
} satisfies Record<keyof AuthRule, Reader<unknown>>;

const ruleArguments: Vocabulary = {
  kind: "argument of rules",
  words: Object.keys(ruleReaders),
  foreign: {
    and: "allOf",
    group: "groups",
    groupField: "groupsField",
    groupsClaim: "groupClaim",
    identityField: "identityClaim",
    mutations: "operations",
    ownersField: "ownerField",
    queries: "operations",
    strategy: "allow",
  },
};

const authArguments: Vocabulary = { kind: "argument of @auth", words: ["rules"] };

/** The rules of an `@auth`, without invalid ones. */
export function readAuth(
  directive: ConstDirectiveNode,
  place: RulePlace,
  complain: Complain,
): readonly AuthRule[] {
  const value = entriesOf(directive.arguments, authArguments, complain).get("rules");
  if (value === undefined) {
    if (directive.arguments?.length === 0) {
      const mend = "write @auth(rules: [{ allow: owner }])";
      complain(directive, "missing-argument", "@auth has no rules.", mend);
    }
    return [];
  }
  const nodes = value.kind === Kind.LIST ? value.values : [value];
  return nodes.map((node) => readRule(node, place, complain)).filter((rule) => rule !== undefined);
}

function readRule(value: ConstValueNode, place: RulePlace, complain: Complain): AuthRule | undefined {
  const rule = readObject<AuthRule>(value, "a rule", ruleArguments, ruleReaders, complain);
  if (rule === undefined) return undefined;
  for (const { code, message, mend } of validateRule(rule, place, undefined)) {
    complain(value, code, message, mend);
  }
  return rule;
}

/** undefined if any part is invalid: an incomplete rule would mean something else. */
function readObject<T extends AuthRule | RuleCondition>(
  value: ConstValueNode,
  name: string,
  vocabulary: Vocabulary,
  readers: Readonly<Record<string, Reader<unknown>>>,
  complain: Complain,
): T | undefined {
  if (value.kind !== Kind.OBJECT) return refuseKind(value, name, "{ allow: owner }", complain);
  const entries = entriesOf(value.fields, vocabulary, complain);
  if (!value.fields.some((field) => field.name.value === "allow")) {
    const mend = "add allow: owner, groups, private, public or custom";
    complain(value, "missing-argument", "A rule has no allow.", mend);
  }
  const read = [...entries].map(([key, node]) => [key, readers[key]?.(node, key, complain)] as const);
  const isWhole = entries.size === value.fields.length && entries.has("allow");
  if (!isWhole || read.some(([, part]) => part === undefined)) return undefined;
  // Each part was read by the reader of its name, including `allow`.
  return Object.fromEntries(read) as unknown as T;
}
