import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type FieldDefinitionNode,
  type InputObjectTypeDefinitionNode,
  Kind,
  print,
} from "graphql";
import { indexName } from "../builder/model.ts";
import { unknownSentence } from "../check/spelling.ts";
import type { RulePlace } from "../check/validate-rule.ts";
import type { AuthRule, FieldDefinition, ModelDefinition } from "../types.ts";
import type { Complain, Findings } from "./document.ts";
import { readAuth } from "./rules.ts";
import { entriesOf, listOf, refuseKind, refuseWord, text, type Vocabulary, word } from "./values.ts";

// Fields with their rules, keys and relations.

const relations = ["hasOne", "hasMany", "belongsTo", "manyToMany"] as const;

const primaryKeyArguments: Vocabulary = { kind: "argument of @primaryKey", words: ["sortKeyFields"] };
const indexArguments: Vocabulary = {
  kind: "argument of @index",
  words: ["name", "sortKeyFields", "queryField"],
  foreign: { fields: "sortKeyFields, and @index on the first field" },
};

export function readField(node: FieldDefinitionNode, place: RulePlace, complain: Complain): FieldDefinition {
  const relation = relations.find((name) => directiveOf(node, name) !== undefined);
  const rules = readRules(node, place, complain);
  return {
    type: print(node.type),
    ...(rules !== undefined && { rules }),
    ...(directiveOf(node, "primaryKey") !== undefined && { primaryKey: true }),
    ...(relation !== undefined && { relation }),
  };
}

export function readRules(
  node: WithDirectives,
  place: RulePlace,
  complain: Complain,
): readonly AuthRule[] | undefined {
  const auth = directiveOf(node, "auth");
  return auth && readAuth(auth, place, complain);
}

/** @param of reports errors of a field */
export function readKeys(
  fields: readonly FieldDefinitionNode[],
  of: (field: string) => Complain,
): Pick<ModelDefinition, "key" | "indexes"> {
  const names = fields.map((field) => field.name.value);
  const indexes = new Map<string, readonly string[]>();
  let key: readonly string[] | undefined;
  for (const field of fields) {
    const first = field.name.value;
    const complain = of(first);
    for (const directive of field.directives ?? []) {
      const name = directive.name.value;
      if (name === "primaryKey") {
        if (key !== undefined) {
          const mend = "name the fields after the first in sortKeyFields";
          complain(directive, "repeated-key", "The model has a primary key already.", mend);
        }
        const entries = entriesOf(directive.arguments, primaryKeyArguments, complain);
        key = [first, ...sortKeyFields(entries.get("sortKeyFields"), names, complain)];
      }
      if (name !== "index") continue;
      const entries = entriesOf(directive.arguments, indexArguments, complain);
      const keys = [first, ...sortKeyFields(entries.get("sortKeyFields"), names, complain)];
      const named = entries.get("name");
      const index = (named && text(named, "name", complain)) ?? indexName(keys);
      if (indexes.has(index)) {
        const mend = `write @index(name: "…") with another name`;
        complain(directive, "repeated-index", `There is an index '${index}' already.`, mend);
      }
      indexes.set(index, keys);
    }
  }
  return {
    ...(key !== undefined && key.length > 1 && { key }),
    ...(indexes.size > 0 && { indexes: [...indexes].map(([name, fields]) => ({ name, fields })) }),
  };
}

function sortKeyFields(
  value: ConstValueNode | undefined,
  names: readonly string[],
  complain: Complain,
): readonly string[] {
  if (value === undefined) return [];
  const read = listOf(text)(value, "sortKeyFields", complain) ?? [];
  for (const name of read.filter((one) => !names.includes(one))) {
    complain(value, "unknown-field", unknownSentence("field", name, names), "name fields of this type");
  }
  return read;
}

interface WithDirectives {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

export function directiveOf(node: WithDirectives, name: string): ConstDirectiveNode | undefined {
  return node.directives?.find((directive) => directive.name.value === name);
}

// What a schema says about models besides their rules: the subscription level, and the global rule.

const modelArguments: Vocabulary = {
  kind: "argument of @model",
  words: ["queries", "mutations", "subscriptions", "timestamps"],
};
const subscriptionArguments: Vocabulary = {
  kind: "argument of subscriptions",
  words: ["level", "onCreate", "onUpdate", "onDelete"],
};
const level = word({ kind: "level of subscriptions", words: ["on", "off", "public"] });

/**
 * Reads `@model(subscriptions: { level: off })`, or `null` for off. The other arguments only name generated operations.
 */
export function readSubscriptions(
  directive: ConstDirectiveNode,
  complain: Complain,
): ModelDefinition["subscriptions"] {
  const value = entriesOf(directive.arguments, modelArguments, complain).get("subscriptions");
  if (value === undefined) return undefined;
  if (value.kind === Kind.NULL) return "off";
  if (value.kind !== Kind.OBJECT) return refuseKind(value, "subscriptions", "{ level: off }", complain);
  const written = entriesOf(value.fields, subscriptionArguments, complain).get("level");
  return written && level(written, "level", complain);
}

// `input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }`

const example = "globalAuthRule: AuthRule = { allow: public }";
const mend = `write ${example}, or rules on each model`;

/** Whether API keys may do everything with models without rules. */
export function readGlobalRule(input: InputObjectTypeDefinitionNode, findings: Findings): boolean {
  const complain = findings.of(input.name.value);
  const known = {
    kind: "field of AMPLIFY",
    words: ["globalAuthRule"],
    foreign: { global_auth_rule: "globalAuthRule" },
  };
  let sandbox = false;
  for (const field of input.fields ?? []) {
    const { defaultValue } = field;
    if (field.name.value !== "globalAuthRule") {
      refuseWord(field, known, field.name.value, "", complain);
    } else if (defaultValue === undefined) {
      complain(field, "global-rule", "globalAuthRule has no rule.", `write ${example}`);
    } else if (print(defaultValue).replaceAll(" ", "") === "{allow:public}") {
      sandbox = true;
    } else {
      const message = `Only { allow: public } can be the rule of all models, not ${print(defaultValue)}.`;
      complain(defaultValue, "global-rule", message, mend);
    }
  }
  return sandbox;
}
