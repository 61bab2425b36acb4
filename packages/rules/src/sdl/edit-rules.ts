import {
  type ConstDirectiveNode,
  type ConstListValueNode,
  type ConstValueNode,
  type FieldDefinitionNode,
  Kind,
  TokenKind,
  valueFromASTUntyped,
} from "graphql";
import type { AuthRule } from "../types.ts";
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
  nodeAt,
  type Placed,
  placeOf,
  rangeOf,
  removal,
  type RulesPlace,
  spaceBefore,
  textOf,
  type TypeNode,
} from "./edit-places.ts";
import { directiveOf } from "./fields.ts";
import { printRule, ruleKey } from "./print-rule.ts";

// Edits of the rules of a type or a field, see `edit-places.ts`.

/**
 * Sets the rules of a type or a field in the text: adds `@auth`, changes the rules that differ, or removes it if there are
 * none. Comments and formatting stay.
 * @throws TypeError for a type or field that does not exist
 * @throws PolicyError if the text has a syntax error
 * @example
 * import { setRules } from "@authmodes/rules/sdl";
 * const sdl = "type Order @model @auth(rules: [{ allow: owner }]) { id: ID! note: String }";
 * export const changed = setRules(sdl, { type: "Order" }, [{ allow: "owner" }, { allow: "private", operations: ["read"] }]);
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

/** Removes a directive. What follows, such as a brace, moves up; comments in it stay. */
function directiveRemoval(sdl: string, directive: ConstDirectiveNode): Edit {
  const { start, end, startToken, endToken } = placeOf(directive);
  const comments = commentsBetween(startToken, endToken).map(({ value }) => `#${value}`);
  const { prev } = startToken;
  const from = prev === null ? start : prev.end;
  if (comments.length === 0 && prev?.kind !== TokenKind.COMMENT) return { start: from, end, text: "" };
  const indent = isFirstOnLine(sdl, start) ? indentAt(sdl, start) : `${indentAt(sdl, start)}  `;
  const lines = [...comments, sdl.slice(end, lineEnd(sdl, end)).trimStart()];
  const text = lines.map((line) => newlineOf(sdl) + (line === "" ? "" : indent) + line).join("");
  // The text after it must not become part of a comment.
  return { start: from, end: lineEnd(sdl, end), text: text.trimEnd() };
}

function isBroken(sdl: string, list: ConstListValueNode): boolean {
  const { start, end } = placeOf(list);
  return list.values.length > 0 && sdl.slice(start, end).includes("\n");
}

function inline(rules: readonly string[]): string {
  return `@auth(rules: [${rules.join(", ")}])`;
}

/** @param indent the indent of the directive */
function broken(rules: readonly string[], indent: string, lineBreak: string): string {
  const lines = rules.map((rule) => `${indent}    ${rule}`);
  return ["@auth(", `${indent}  rules: [`, ...lines, `${indent}  ]`, `${indent})`].join(lineBreak);
}

/** One line if it fits, otherwise several. */
function fitted(rules: readonly string[], indent: string, lineBreak: string, after: number): string {
  const line = inline(rules);
  return indent.length + line.length + after <= lineWidth ? line : broken(rules, indent, lineBreak);
}

function addAuth(sdl: string, node: TypeNode | FieldDefinitionNode, rules: readonly string[]): string {
  const lineBreak = newlineOf(sdl);
  const nodes = headOf(node);
  const { start } = placeOf(node.name);
  const { end, endToken } = placeOf(nodes.at(-1) ?? node.name);
  const after = sdl.slice(end, lineEnd(sdl, end));
  // The directive is inserted before a comment at the end of the line.
  const taken = after.startsWith(" {") ? 2 : 0;
  const last = node.directives?.at(-1);
  const ownLines = last !== undefined && isFirstOnLine(sdl, placeOf(last).start);
  const indent = ownLines ? indentAt(sdl, placeOf(last).start) : `${indentAt(sdl, start)}  `;
  const line = inline(rules);
  if (!ownLines && end - lineStart(sdl, end) + 1 + line.length + taken <= lineWidth) {
    return applyEdits(sdl, [{ start: end, end, text: ` ${line}` }]);
  }
  const text = lineBreak + indent + fitted(rules, indent, lineBreak, taken);
  const edits: Edit[] = [{ start: end, end, text }];
  // If one directive has its own line, the others get theirs.
  const isOneLine = lineStart(sdl, start) === lineStart(sdl, endToken.end);
  if (isOneLine && node.kind !== Kind.FIELD_DEFINITION) {
    for (const directive of node.directives ?? []) {
      const at = placeOf(directive).start;
      edits.push({ start: at - spaceBefore(sdl, at), end: at, text: lineBreak + indent });
    }
  }
  return applyEdits(sdl, edits);
}

/** The nodes before a directive that is added. */
function headOf(node: TypeNode | FieldDefinitionNode): readonly Placed[] {
  const { directives = [] } = node;
  return node.kind === Kind.FIELD_DEFINITION
    ? [node.name, node.type, ...directives]
    : [node.name, ...(node.interfaces ?? []), ...directives];
}

/** Rewrites a list on one line, or a single rule. Rules that stay keep their spelling. */
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
  const text = lineBreak + indent + fitted(texts, indent, lineBreak, rest);
  return applyEdits(sdl, [{ start: start - spaceBefore(sdl, start), end, text }]);
}

/** The rules as text. Rules that the text already has keep their spelling. */
function spelt(sdl: string, nodes: readonly ConstValueNode[], rules: readonly AuthRule[]): readonly string[] {
  const old = nodes.map((node) => ({ key: keyOf(node), text: textOf(sdl, node) }));
  return rules.map((rule) => {
    const index = old.findIndex(({ key }) => key === ruleKey(rule));
    return index === -1 ? printRule(rule) : (old.splice(index, 1)[0]?.text ?? "");
  });
}

function keyOf(node: ConstValueNode): string {
  return ruleKey(valueFromASTUntyped(node));
}

/** Edits a list of several lines. Only the lines of changed rules change. */
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

/** @param index the index of the rule that follows the new ones */
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
  if (first === undefined) throw new TypeError("A list of several lines has a rule.");
  const { start } = placeOf(first.node);
  const text = rules.map((rule) => rule + lineBreak + indentAt(sdl, start)).join("");
  return { start, end: start, text };
}
