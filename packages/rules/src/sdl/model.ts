import { type ConstDirectiveNode, type InputObjectTypeDefinitionNode, Kind, print } from "graphql";
import type { ModelDefinition } from "../types.ts";
import type { Complain, Findings } from "./document.ts";
import { entriesOf, refuseKind, refuseWord, type Vocabulary, word } from "./values.ts";

// What is said of models besides their rules: who may subscribe, and the one rule for all of them.

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
 * `@model(subscriptions: { level: off })`, or `null` for off. The other arguments name generated operations, which say
 * nothing about who may call them.
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

/** Whether API keys may do everything with models that have no rules. */
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
    } else if (isPublic(defaultValue)) {
      sandbox = true;
    } else {
      const message = `Only { allow: public } can be the rule of all models, not ${print(defaultValue)}.`;
      complain(defaultValue, "global-rule", message, mend);
    }
  }
  return sandbox;
}

type Value = NonNullable<NonNullable<InputObjectTypeDefinitionNode["fields"]>[number]["defaultValue"]>;

function isPublic(value: Value): boolean {
  if (value.kind !== Kind.OBJECT || value.fields.length !== 1) return false;
  const [field] = value.fields;
  return field?.name.value === "allow" && field.value.kind === Kind.ENUM && field.value.value === "public";
}
