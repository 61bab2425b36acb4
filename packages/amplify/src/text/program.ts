import { type Node, type Program, traverseFast } from "@babel/types";
import { isData } from "./code.ts";
import { evaluate, nameOf, positionOf } from "./evaluate.ts";
import { fail, forms, severalConfigurations } from "./fail.ts";
import { type Scope, scopeOf } from "./scope.ts";

// Finds the configuration in a program: the argument of Amplify.configure(), the authorization modes of an API, or an object
// that is declared, assigned or exported.

/**
 * The configurations in a program: one, or several APIs of a backend.
 * @param locate finds the configuration in an object that holds it; undefined if there is none
 * @throws TypeError if there is none, if only running the program would tell, or if there are several of a client, which
 *   have no names to choose by
 */
export function configurationsOf(
  program: Program,
  locate: (data: object) => object | undefined,
): readonly object[] {
  const scope = scopeOf(program);
  const configured: Node[] = [];
  const defined: Node[] = [];
  traverseFast(program, (node) => {
    if (node.type === "CallExpression" && isConfigure(node.callee))
      configured.push(...node.arguments.slice(0, 1));
    if (node.type === "ObjectExpression" && node.properties.some(isDefinition)) defined.push(node);
    if (node.type === "NewExpression" && nameOf(node.callee) === "CfnGraphQLApi")
      defined.push(...node.arguments.slice(2, 3));
  });
  if (configured.length > 0) return [written(onlyOne(configured), scope)];
  if (defined.length > 0) return defined.map((node) => written(node, scope));
  return [declaredIn(program, scope, locate)];
}

/** An exported configuration counts more than one that is only declared. */
function declaredIn(
  program: Program,
  { constants, changes, values, exported }: Scope,
  locate: (data: object) => object | undefined,
): object {
  const resolve = (node: Node) => (node.type === "Identifier" ? constants.get(node.name) : undefined) ?? node;
  const results = new Set(exported.map(resolve));
  const objects = [...new Set(values.map(resolve))]
    .map((node) => ({ node, data: evaluate(node, constants) }))
    .filter((found): found is { node: Node; data: object } => isData(found.data));
  const located = objects.filter(({ data }) => locate(data) !== undefined);
  const fitting = located.length > 0 ? located : objects;
  const chosen = fitting.filter(({ node }) => results.has(node));
  const candidates = chosen.length > 0 ? chosen : fitting;
  const [first] = candidates;
  if (first === undefined) {
    const position = positionOf(values.at(-1) ?? program);
    return fail(
      position,
      `no object is written out here; nothing is executed, so import the file yourself and pass the object. As a text ${forms}`,
    );
  }
  const node = onlyOne(candidates.map((candidate) => candidate.node));
  const change =
    changes.get(node) ?? [...results].find((result) => result !== node && mentions(result, node, constants));
  if (change !== undefined)
    fail(positionOf(change), "the configuration is changed here; nothing is executed, so pass the object");
  return locate(first.data) ?? first.data;
}

/** Whether an expression, which may be code, refers to the constant with this value. */
function mentions(expression: Node, value: Node, constants: Scope["constants"]): boolean {
  let isMentioned = false;
  traverseFast(expression, (node) => {
    isMentioned ||= node.type === "Identifier" && constants.get(node.name) === value;
  });
  return isMentioned;
}

function onlyOne(nodes: readonly Node[]): Node {
  const [first, second] = nodes as [Node, ...Node[]];
  if (second === undefined) return first;
  return fail(positionOf(second), severalConfigurations(positionOf(first)));
}

function written(node: Node, { constants }: Scope): object {
  const data = evaluate(node, constants);
  if (isData(data)) return data;
  return fail(
    positionOf(node),
    `the configuration is code or comes from another file; pass that file, or the object. As a text ${forms}`,
  );
}

/** `Amplify.configure`, also in the output of compilers: `aws_amplify_1.Amplify.configure`. */
function isConfigure(callee: Node): boolean {
  return (
    callee.type === "MemberExpression" &&
    nameOf(callee.object) === "Amplify" &&
    nameOf(callee.property) === "configure"
  );
}

function isDefinition(property: Node): boolean {
  if (property.type !== "ObjectProperty" || property.computed) return false;
  const { key } = property;
  const name = key.type === "Identifier" ? key.name : key.type === "StringLiteral" ? key.value : "";
  return name === "authorizationModes" || name === "authorizationConfig";
}
