import type { Node, ObjectExpression, TemplateLiteral, TSEnumDeclaration } from "@babel/types";
import { Code } from "./code.ts";
import { fail, type Position } from "./fail.ts";

/** The constants that a file declares, by name; a name that it declares twice or changes is not among them. */
export type Constants = ReadonlyMap<string, Node>;

const maxDepth = 64;

/**
 * Evaluates a constant expression. Anything that is computed at run time becomes `Code`.
 * @throws TypeError for a key that appears twice, and for data nested deeper than any configuration
 */
export function evaluate(node: Node, constants: Constants, depth = 0): unknown {
  if (depth > maxDepth) fail(positionOf(node), `the data is nested deeper than ${maxDepth}`);
  const inner = (child: Node): unknown => evaluate(child, constants, depth + 1);
  switch (node.type) {
    case "StringLiteral":
    case "NumericLiteral":
    case "BooleanLiteral":
      return node.value;
    case "NullLiteral":
      return null;
    case "TemplateLiteral":
      return textOf(node, inner);
    case "ArrayExpression":
      return node.elements.map((element) => (element === null ? undefined : inner(element)));
    case "ObjectExpression":
      return objectOf(node, inner);
    case "Identifier": {
      if (node.name === "undefined") return undefined;
      const declared = constants.get(node.name);
      return declared === undefined ? new Code(positionOf(node)) : inner(declared);
    }
    case "MemberExpression":
      return memberOf(node, inner);
    case "UnaryExpression":
      return calculated([inner(node.argument)], node, ([value = 0]) =>
        node.operator === "-" ? -value : node.operator === "+" ? value : undefined,
      );
    case "BinaryExpression": {
      const values = [inner(node.left), inner(node.right)];
      if (node.operator === "+" && values.every(isText) && !values.every(isNumber)) return values.join("");
      return calculated(values, node, (numbers) => arithmetic[node.operator]?.(...numbers));
    }
    case "TSEnumDeclaration":
      return enumOf(node, inner);
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "ParenthesizedExpression":
      return evaluate(node.expression, constants, depth);
    case "CallExpression":
      return called(node, inner);
    default:
      return new Code(positionOf(node));
  }
}

export function positionOf({ loc }: Node): Position {
  return { line: loc?.start.line ?? 1, column: (loc?.start.column ?? 0) + 1 };
}

type Inner = (child: Node) => unknown;

/** A spread or a computed key may set any member, so that the object as a whole is code. */
function objectOf(node: ObjectExpression, inner: Inner): unknown {
  const entries = new Map<string, unknown>();
  for (const property of node.properties) {
    if (property.type === "SpreadElement") {
      const spread = inner(property.argument);
      if (spread instanceof Code || typeof spread !== "object") return new Code(positionOf(property));
      for (const [key, value] of Object.entries(spread ?? {})) entries.set(key, value);
      continue;
    }
    const key = keyOf(property.key, property.computed, inner);
    // `__proto__: base` makes the members of `base` visible in the object.
    if (key === undefined || key === "__proto__") return new Code(positionOf(property));
    if (entries.has(key) && !node.properties.some(({ type }) => type === "SpreadElement")) {
      fail(positionOf(property), `'${key}' appears twice`);
    }
    entries.set(
      key,
      property.type === "ObjectProperty" ? inner(property.value) : new Code(positionOf(property)),
    );
  }
  return Object.fromEntries(entries);
}

function keyOf(key: Node, isComputed: boolean, inner: Inner): string | undefined {
  if (!isComputed && key.type === "Identifier") return key.name;
  const value = inner(key);
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function textOf(node: TemplateLiteral, inner: Inner): unknown {
  const { quasis, expressions } = node;
  let text = quasis[0]?.value.cooked ?? "";
  for (const [index, expression] of expressions.entries()) {
    const value = inner(expression);
    if (!isText(value)) return new Code(positionOf(node));
    text += value + (quasis[index + 1]?.value.cooked ?? "");
  }
  return text;
}

/** The members with a value; those that TypeScript numbers are code. */
function enumOf(node: TSEnumDeclaration, inner: Inner): unknown {
  const members = node.body?.members ?? node.members;
  return Object.fromEntries(
    members.map(({ id, initializer }) => [
      id.type === "Identifier" ? id.name : id.value,
      initializer ? inner(initializer) : new Code(positionOf(id)),
    ]),
  );
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

/** Whether it can be a part of a text. */
function isText(value: unknown): value is string | number {
  return typeof value === "string" || isNumber(value);
}

const arithmetic: Readonly<Record<string, (a?: number, b?: number) => number>> = {
  "+": (a = 0, b = 0) => a + b,
  "-": (a = 0, b = 0) => a - b,
  "*": (a = 0, b = 0) => a * b,
  "/": (a = 0, b = 0) => a / b,
};

function calculated(
  values: readonly unknown[],
  node: Node,
  calculate: (values: readonly number[]) => number | undefined,
): unknown {
  const numbers = values.filter(isNumber);
  const result = numbers.length === values.length ? calculate(numbers) : undefined;
  return result ?? new Code(positionOf(node));
}

/** A member of a constant object; of an enum of the CDK, such as `AuthorizationType.OIDC`, its name. */
function memberOf(node: Extract<Node, { type: "MemberExpression" }>, inner: Inner): unknown {
  const key = keyOf(node.property, node.computed, inner);
  const object = inner(node.object);
  if (key !== undefined && typeof object === "object" && object !== null && !(object instanceof Code)) {
    return Object.hasOwn(object, key) ? Reflect.get(object, key) : undefined;
  }
  const isEnum = nameOf(node.object) === "AuthorizationType" && !node.computed;
  return isEnum ? key : new Code(positionOf(node));
}

/** The last name of `a.b.c`, also in `a?.b["c"]`. */
export function nameOf(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "StringLiteral") return node.value;
  const isMember = node.type === "MemberExpression" || node.type === "OptionalMemberExpression";
  return isMember ? nameOf(node.property) : undefined;
}

const unitMilliseconds: Readonly<Record<string, number>> = {
  millis: 1,
  seconds: 1000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
};

/** `Object.freeze({…})`, and `Duration.days(30)` of the CDK. */
function called(node: Extract<Node, { type: "CallExpression" }>, inner: Inner): unknown {
  const { callee, arguments: given } = node;
  const [argument] = given;
  const code = new Code(positionOf(node));
  if (callee.type !== "MemberExpression" || argument === undefined || given.length !== 1) return code;
  const [owner, name = ""] = [nameOf(callee.object), nameOf(callee.property)];
  if (owner === "Object" && name === "freeze") return inner(argument);
  const value = inner(argument);
  const unit =
    owner === "Duration" && Object.hasOwn(unitMilliseconds, name) ? unitMilliseconds[name] : undefined;
  return unit !== undefined && typeof value === "number" ? { toMilliseconds: () => value * unit } : code;
}
