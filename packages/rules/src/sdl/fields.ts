import { type ConstDirectiveNode, type FieldDefinitionNode, print } from "graphql";
import { indexName } from "../builder/index-name.ts";
import { unknownSentence } from "../check/spelling.ts";
import type { RulePlace } from "../check/validate-rule.ts";
import type { AuthRule, FieldDefinition, ModelDefinition } from "../types.ts";
import type { Complain } from "./document.ts";
import { readAuth } from "./rules.ts";
import { entriesOf, listOf, text, type Vocabulary } from "./values.ts";

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

/** @param of complaints about a field */
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
        key = [first, ...sortKeyFields(directive, entries, names, complain)];
      }
      if (name !== "index") continue;
      const entries = entriesOf(directive.arguments, indexArguments, complain);
      const keys = [first, ...sortKeyFields(directive, entries, names, complain)];
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
  directive: ConstDirectiveNode,
  entries: ReturnType<typeof entriesOf>,
  names: readonly string[],
  complain: Complain,
): readonly string[] {
  const value = entries.get("sortKeyFields");
  const read = (value && listOf(text)(value, "sortKeyFields", complain)) ?? [];
  for (const name of read) {
    if (names.includes(name)) continue;
    const message = unknownSentence("field", name, names);
    complain(value ?? directive, "unknown-field", message, "name fields of this type");
  }
  return read;
}

interface WithDirectives {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

export function directiveOf(node: WithDirectives, name: string): ConstDirectiveNode | undefined {
  return node.directives?.find((directive) => directive.name.value === name);
}
