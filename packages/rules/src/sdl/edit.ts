import {
  type ConstDirectiveNode,
  type ConstListValueNode,
  type ConstValueNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  parseType,
  TokenKind,
  valueFromASTUntyped,
} from "graphql";
import { unknownName } from "../check/spelling.ts";
import type { AuthRule, ModelDefinition } from "../types.ts";
import { parseDocument } from "./document.ts";
import { directiveOf } from "./fields.ts";
import { printRule, ruleKey } from "./print-rule.ts";
import {
  applyEdits,
  commentsBetween,
  type Edit,
  endBehind,
  indentAt,
  isFirstOnLine,
  lineEnd,
  lineStart,
  lineWidth,
  newlineOf,
  type Placed,
  placeOf,
  removal,
  spaceBefore,
} from "./text-edits.ts";

// Changes to a schema that leave alone what they are not about: comments, order, formatting. Every function takes a text
// and returns one; what is in the text need not be right, only its syntax does, or they throw a PolicyError.

/** A type, or one of its fields. */
export interface RulesPlace {
  readonly type: string;
  readonly field?: string;
}

type TypeNode = ObjectTypeDefinitionNode | ObjectTypeExtensionNode;

/**
 * Gives a type or a field these rules: adds `@auth`, changes in it the rules that differ, or, without rules, removes it.
 * @throws TypeError for a type or field that does not exist
 */
export function setRules(sdl: string, at: RulesPlace, rules: readonly AuthRule[]): string {
  const node = nodeAt(sdl, at);
  const auth = directiveOf(node, "auth");
  if (rules.length === 0) return auth === undefined ? sdl : applyEdits(sdl, [directiveRemoval(sdl, auth)]);
  if (auth === undefined) return addAuth(sdl, node, rules.map(printRule));
  const value = auth.arguments?.find((argument) => argument.name.value === "rules")?.value;
  if (value === undefined) {
    return applyEdits(sdl, [{ ...rangeOf(auth), text: inline(rules.map(printRule)) }]);
  }
  return value.kind === Kind.LIST && isBroken(sdl, value)
    ? applyEdits(sdl, lineEdits(sdl, value, rules))
    : rewriteList(sdl, auth, value, rules);
}

/**
 * Adds a model with an `id` at the end.
 * @throws TypeError for a name that is none, or is taken
 */
export function addModel(sdl: string, name: string): string {
  checkName("model", name);
  const { definitions } = documentOf(sdl);
  const taken = definitions.some((node) => "name" in node && node.name?.value === name);
  if (taken) throw new TypeError(`There is a type '${name}' already.`);
  const lineBreak = newlineOf(sdl);
  const type = [`type ${name} @model {`, "  id: ID!", "}", ""].join(lineBreak);
  const before = sdl.trim() === "" ? sdl.trimEnd() : `${sdl.trimEnd()}${lineBreak}${lineBreak}`;
  return before + type;
}

/** @throws TypeError for a model that does not exist */
export function removeModel(sdl: string, model: string): string {
  const edit = removal(sdl, placeOf(nodeAt(sdl, { type: model })));
  const kept = applyEdits(sdl, [edit]);
  // Of the two empty lines around it one is enough.
  return kept.slice(0, edit.start).trimEnd() === ""
    ? kept.trimStart()
    : kept.slice(0, edit.start) + kept.slice(edit.start).replace(/^(?:[ \t]*\r?\n)+/, "");
}

/**
 * Adds a field behind the others.
 * @throws TypeError for a name that is none or is taken, and for a type that cannot be read
 */
export function addField(sdl: string, model: string, name: string, type: string): string {
  checkName("field", name);
  try {
    parseType(type, { noLocation: true });
  } catch (cause) {
    throw new TypeError(`'${type}' is no type. Write one such as String, ID! or [String].`, { cause });
  }
  const node = nodeAt(sdl, { type: model });
  if (node.kind === Kind.FIELD_DEFINITION) throw new TypeError(`${model} is no type.`);
  if (node.fields?.some((field) => field.name.value === name) === true) {
    throw new TypeError(`${model} has a field '${name}' already.`);
  }
  const lineBreak = newlineOf(sdl);
  const { start, end, endToken } = placeOf(node);
  const indent = indentAt(sdl, start);
  const line = `${indent}  ${name}: ${type}`;
  if (endToken.kind !== TokenKind.BRACE_R) {
    return applyEdits(sdl, [{ start: end, end, text: ` {${lineBreak}${line}${lineBreak}${indent}}` }]);
  }
  const brace = endToken.start;
  const isBelow = isFirstOnLine(sdl, brace);
  const at = isBelow ? lineStart(sdl, brace) : brace - spaceBefore(sdl, brace);
  const text = isBelow ? line + lineBreak : `${lineBreak}${line}${lineBreak}${indent}`;
  return applyEdits(sdl, [{ start: at, end: isBelow ? at : brace, text }]);
}

/** @throws TypeError for a field that does not exist */
export function removeField(sdl: string, model: string, field: string): string {
  return applyEdits(sdl, [removal(sdl, placeOf(nodeAt(sdl, { type: model, field })))]);
}

/**
 * Says who may subscribe: `@model(subscriptions: …)`. `on` is what no word about it means.
 * @throws TypeError for a model that does not exist
 */
export function setSubscriptions(
  sdl: string,
  model: string,
  level: NonNullable<ModelDefinition["subscriptions"]>,
): string {
  const directive = directiveOf(nodeAt(sdl, { type: model }), "model");
  if (directive === undefined) throw new TypeError(`${model} is no model.`);
  const { arguments: given = [] } = directive;
  const old = given.find((argument) => argument.name.value === "subscriptions");
  const text = level === "off" ? "null" : `{ level: ${level} }`;
  if (level === "on") {
    if (old === undefined) return sdl;
    const others = given
      .filter((argument) => argument !== old)
      .map((argument) => sdl.slice(...spanOf(argument)));
    const rest = others.length === 0 ? "@model" : `@model(${others.join(", ")})`;
    return applyEdits(sdl, [{ ...rangeOf(directive), text: rest }]);
  }
  if (old !== undefined) return applyEdits(sdl, [{ ...rangeOf(old.value), text }]);
  const last = given.at(-1);
  if (last === undefined) {
    return applyEdits(sdl, [{ ...rangeOf(directive), text: `@model(subscriptions: ${text})` }]);
  }
  const { end } = placeOf(last);
  return applyEdits(sdl, [{ start: end, end, text: `, subscriptions: ${text}` }]);
}

const nameShape = /^[_A-Za-z]\w*$/;

function checkName(kind: string, name: string): void {
  if (nameShape.test(name) && !name.startsWith("__")) return;
  throw new TypeError(
    `'${name}' cannot name a ${kind}. Names have letters, digits and underscores, and begin with no digit nor with '__'.`,
  );
}

/** A text without definitions is where a new schema starts from, which GraphQL has no syntax for. */
function documentOf(sdl: string): ReturnType<typeof parseDocument> {
  const isEmpty = sdl.replaceAll(/#[^\r\n]*/g, "").replaceAll(/[\s,\uFEFF]/g, "") === "";
  return isEmpty ? { kind: Kind.DOCUMENT, definitions: [] } : parseDocument(sdl);
}

function nodeAt(sdl: string, { type, field }: RulesPlace): TypeNode | FieldDefinitionNode {
  const types = documentOf(sdl).definitions.filter(
    (node) => node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION,
  );
  const named = types.filter((node) => node.name.value === type);
  const [first] = named.toSorted((a) => (a.kind === Kind.OBJECT_TYPE_DEFINITION ? -1 : 1));
  if (first === undefined) return unknownName("type", type, new Set(types.map((node) => node.name.value)));
  if (field === undefined) return first;
  const fields = named.flatMap((node) => node.fields ?? []);
  const found = fields.find((node) => node.name.value === field);
  return found ?? unknownName(`field of ${type}`, field, new Set(fields.map((node) => node.name.value)));
}

function rangeOf(node: Placed): { readonly start: number; readonly end: number } {
  const { start, end } = placeOf(node);
  return { start, end };
}

/** What follows a directive, such as the brace of a type, comes up to what stands before it. Comments within it stay. */
function directiveRemoval(sdl: string, directive: ConstDirectiveNode): Edit {
  const { start, end, startToken, endToken } = placeOf(directive);
  const comments = commentsBetween(startToken, endToken).map(({ value }) => `#${value}`);
  const { prev } = startToken;
  const from = prev === null ? start : prev.end;
  if (comments.length === 0 && prev?.kind !== TokenKind.COMMENT) return { start: from, end, text: "" };
  const indent = isFirstOnLine(sdl, start) ? indentAt(sdl, start) : `${indentAt(sdl, start)}  `;
  const lines = [...comments, sdl.slice(end, lineEnd(sdl, end)).trimStart()];
  const text = lines.map((line) => newlineOf(sdl) + (line === "" ? "" : indent) + line).join("");
  // What follows must not become part of a comment.
  return { start: from, end: lineEnd(sdl, end), text: text.trimEnd() };
}

function isBroken(sdl: string, list: ConstListValueNode): boolean {
  const { start, end } = placeOf(list);
  return list.values.length > 0 && sdl.slice(start, end).includes("\n");
}

function inline(rules: readonly string[]): string {
  return `@auth(rules: [${rules.join(", ")}])`;
}

/** @param indent of the directive itself */
function broken(rules: readonly string[], indent: string, lineBreak: string): string {
  const lines = rules.map((rule) => `${indent}    ${rule}`);
  return ["@auth(", `${indent}  rules: [`, ...lines, `${indent}  ]`, `${indent})`].join(lineBreak);
}

/** One line where it fits between what stands before and after it. */
function fitted(
  rules: readonly string[],
  indent: string,
  lineBreak: string,
  before: number,
  after: number,
): string {
  const line = inline(rules);
  return before + line.length + after <= lineWidth ? line : broken(rules, indent, lineBreak);
}

function addAuth(sdl: string, node: TypeNode | FieldDefinitionNode, rules: readonly string[]): string {
  const lineBreak = newlineOf(sdl);
  const nodes = headOf(node);
  const { start } = placeOf(node.name);
  const { end, endToken } = placeOf(nodes.at(-1) ?? node.name);
  const after = sdl.slice(end, lineEnd(sdl, end));
  // A comment behind it is not in the way: the directive goes between.
  const taken = after.startsWith(" {") ? 2 : 0;
  const last = node.directives?.at(-1);
  const ownLines = last !== undefined && isFirstOnLine(sdl, placeOf(last).start);
  const indent = ownLines ? indentAt(sdl, placeOf(last).start) : `${indentAt(sdl, start)}  `;
  const line = inline(rules);
  if (!ownLines && end - lineStart(sdl, end) + 1 + line.length + taken <= lineWidth) {
    return applyEdits(sdl, [{ start: end, end, text: ` ${line}` }]);
  }
  const text = lineBreak + indent + fitted(rules, indent, lineBreak, indent.length, taken);
  const edits: Edit[] = [{ start: end, end, text }];
  // Where one directive has a line of its own, so have the others.
  const isOneLine = lineStart(sdl, start) === lineStart(sdl, endToken.end);
  if (isOneLine && node.kind !== Kind.FIELD_DEFINITION) {
    for (const directive of node.directives ?? []) {
      const at = placeOf(directive).start;
      edits.push({ start: at - spaceBefore(sdl, at), end: at, text: lineBreak + indent });
    }
  }
  return applyEdits(sdl, edits);
}

/** What stands before a directive that is added. */
function headOf(node: TypeNode | FieldDefinitionNode): readonly Placed[] {
  const { directives = [] } = node;
  return node.kind === Kind.FIELD_DEFINITION
    ? [node.name, node.type, ...directives]
    : [node.name, ...(node.interfaces ?? []), ...directives];
}

/** Of a list on one line, or of a rule that stands alone, the rules that stay keep their spelling. */
function rewriteList(
  sdl: string,
  auth: ConstDirectiveNode,
  value: ConstValueNode,
  rules: readonly AuthRule[],
): string {
  const lineBreak = newlineOf(sdl);
  const texts = spelt(sdl, value.kind === Kind.LIST ? value.values : [value], rules);
  const range = rangeOf(value);
  const before = range.start - lineStart(sdl, range.start);
  const after = lineEnd(sdl, range.end) - range.end;
  const list = `[${texts.join(", ")}]`;
  if (before + list.length + after <= lineWidth) return applyEdits(sdl, [{ ...range, text: list }]);

  const { start, end, startToken, endToken } = placeOf(auth);
  const isWhole = !sdl.slice(start, end).includes("\n") && commentsBetween(startToken, endToken).length === 0;
  if (!isWhole) {
    const indent = indentAt(sdl, range.start);
    const lines = texts.map((text) => `${indent}  ${text}`);
    const text = ["[", ...lines, `${indent}]`].join(lineBreak);
    return applyEdits(sdl, [{ ...range, text }]);
  }
  if (isFirstOnLine(sdl, start)) {
    return applyEdits(sdl, [{ start, end, text: broken(texts, indentAt(sdl, start), lineBreak) }]);
  }
  const indent = `${indentAt(sdl, start)}  `;
  const rest = sdl.slice(end, lineEnd(sdl, end)).startsWith(" {") ? 2 : 0;
  const text = lineBreak + indent + fitted(texts, indent, lineBreak, indent.length, rest);
  return applyEdits(sdl, [{ start: start - spaceBefore(sdl, start), end, text }]);
}

/** The rules as text: those that stood there already as they stood. */
function spelt(sdl: string, nodes: readonly ConstValueNode[], rules: readonly AuthRule[]): readonly string[] {
  const old = nodes.map((node) => ({ key: keyOf(node), text: sdl.slice(...spanOf(node)) }));
  return rules.map((rule) => {
    const index = old.findIndex(({ key }) => key === ruleKey(rule));
    return index === -1 ? printRule(rule) : (old.splice(index, 1)[0]?.text ?? "");
  });
}

function spanOf(node: Placed): readonly [number, number] {
  const { start, end } = placeOf(node);
  return [start, end];
}

function keyOf(node: ConstValueNode): string {
  return ruleKey(valueFromASTUntyped(node));
}

/** In a list over several lines only the lines change whose rules do. */
function lineEdits(sdl: string, list: ConstListValueNode, rules: readonly AuthRule[]): readonly Edit[] {
  const old = list.values.map((node) => ({ node, key: keyOf(node) }));
  const keys = rules.map(ruleKey);
  const shorter = Math.min(old.length, keys.length);
  let head = 0;
  while (head < shorter && old[head]?.key === keys[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old.at(-1 - tail)?.key === keys.at(-1 - tail)) tail++;

  const gone = old.slice(head, old.length - tail);
  const come = rules.slice(head, rules.length - tail).map(printRule);
  const edits = gone.map(({ node }, index): Edit => {
    const text = come[index];
    return text === undefined ? removal(sdl, placeOf(node)) : { ...rangeOf(node), text };
  });
  const added = come.slice(gone.length);
  if (added.length > 0) edits.push(insertion(sdl, old, head + gone.length, added));
  return edits;
}

/** @param index of the rule that the new ones come before */
function insertion(
  sdl: string,
  old: readonly { readonly node: ConstValueNode }[],
  index: number,
  rules: readonly string[],
): Edit {
  const lineBreak = newlineOf(sdl);
  const before = old[index - 1];
  if (before !== undefined) {
    const { start, endToken } = placeOf(before.node);
    const at = endBehind(sdl, endToken);
    const indent = indentAt(sdl, start);
    return { start: at, end: at, text: rules.map((rule) => lineBreak + indent + rule).join("") };
  }
  const first = old[0];
  if (first === undefined) throw new TypeError("A list over several lines has a rule.");
  const { start } = placeOf(first.node);
  const text = rules.map((rule) => rule + lineBreak + indentAt(sdl, start)).join("");
  return { start, end: start, text };
}
