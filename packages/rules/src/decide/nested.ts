import { AccessDenied } from "../check/errors.ts";
import type { Allowed, Decision, Denied, Question, Values } from "../types.ts";
import { decideByRules } from "./by-rules.ts";
import { allow, deny } from "./decision.ts";
import { needsInput } from "./denials.ts";
import { pathsWithin } from "./input.ts";
import type { ModelAccess } from "./model-access.ts";
import { writeRelation } from "./relation-forms.ts";
import { Relation } from "./relation.ts";
import { fieldsSentence } from "./sentences.ts";

// A relation in an input writes the records of another model, which has rules of its own. Without the option `nested`
// no input may have one; with it, the related model's rules are asked for each record.

/** Relations within relations. */
const maxDepth = 8;

/** What the rules of the model say, and those of the models whose records the input writes. */
export function decideWithRelations(access: ModelAccess, question: Question, depth = 0): Decision {
  const decision = decideByRules(access, question);
  if (!decision.allowed) return decision;
  const { model } = access;
  const { input, operation } = question;
  const isWrite = operation === "create" || operation === "update";
  if (input === undefined) {
    if (!isWrite || !access.dependsOnInput()) return decision;
    return needsInput(access);
  }
  const keys = model.relations.size === 0 ? [] : Object.keys(input).filter((key) => model.relations.has(key));
  const embedded = embeddedRelations(access, input);
  if (keys.length === 0 && embedded.length === 0) return decision;
  const isDecided = access.compiled.options.nested && isWrite && embedded.length === 0 && depth < maxDepth;
  return isDecided
    ? decideRelations(access, question, decision, keys, depth)
    : denied(access, [...keys, ...embedded]);
}

/** Models within embedded objects: no ORM writes records there. */
function embeddedRelations(access: ModelAccess, input: Values): readonly string[] {
  const { types, models } = access.compiled;
  if (types.size === 0) return [];
  return pathsWithin(access, input, (type, key) => models.has(type.fields.get(key)?.baseType ?? ""));
}

function denied({ model, caller, compiled }: ModelAccess, keys: readonly string[]): Denied {
  const sentence = fieldsSentence(model, caller, "write records through", keys);
  const hint = compiled.options.nested ? "" : " (createPolicy's option nested is off)";
  return deny("field-denied", `${sentence}${hint}`, { deniedFields: keys });
}

function decideRelations(
  access: ModelAccess,
  question: Question,
  decision: Allowed,
  keys: readonly string[],
  depth: number,
): Decision {
  const writes: Record<string, unknown> = { ...decision.writes };
  const rules = new Set([decision.rule]);
  const ask = (related: ModelAccess, asked: Question): Decision =>
    decideWithRelations(related, asked, depth + 1);
  try {
    for (const key of keys) {
      const relation = new Relation(access, question, decision.writes, key, ask);
      writes[key] = writeRelation(relation, question.input?.[key]);
      for (const rule of relation.rules) rules.add(rule);
    }
  } catch (error) {
    if (error instanceof AccessDenied) return error.decision;
    throw error;
  }
  return allow([...rules].join(", "), () => decision.explanation, { writes });
}
