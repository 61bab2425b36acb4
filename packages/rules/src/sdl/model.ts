import { type ConstDirectiveNode, Kind } from "graphql";
import type { ModelDefinition } from "../types.ts";
import type { Complain } from "./findings.ts";
import { entriesOf, refuseKind, type Vocabulary, word } from "./values.ts";

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
