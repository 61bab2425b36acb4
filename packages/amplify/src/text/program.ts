import { type Node, type ObjectExpression, type Program, traverseFast } from "@babel/types";
import { isData } from "./code.ts";
import { evaluate, nameOf, positionOf } from "./evaluate.ts";
import { fail, forms, severalConfigurations } from "./fail.ts";
import { holds } from "./changes.ts";
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
  const overridden: Node[] = [];
  const changes: Node[] = [];
  traverseFast(program, (node) => {
    if (node.type === "CallExpression" && isConfigure(node.callee))
      configured.push(...node.arguments.slice(0, 1));
    if (node.type === "ObjectExpression" && node.properties.some(isDefinition)) defined.push(node);
    if (node.type === "NewExpression" && nameOf(node.callee) === "CfnGraphQLApi")
      defined.push(...node.arguments.slice(2, 3));
    if (changesApi(node)) changes.push(node);
  });
  if (configured.length > 0) return [written(onlyOne(configured), scope)];
  traverseFast(program, (node) => {
    const bases = node.type === "ObjectExpression" ? spreadBy(node, scope) : [];
    const isExtended = bases.some((base) => defined.includes(base));
    overridden.push(...bases.filter((base) => defined.includes(base)));
    if (isExtended && !defined.includes(node)) defined.push(node);
  });
  const [change] = changes;
  if (defined.length > 0 && change !== undefined) return failChanged(change);
  const final = defined.filter((node) => !overridden.includes(node));
  if (final.length > 0) return final.map((node) => written(node, scope));
  return [declaredIn(program, scope, locate)];
}

/** The constants that an object spreads: with what it adds, it is the definition that counts. */
function spreadBy(node: ObjectExpression, { constants }: Scope): readonly Node[] {
  return node.properties.flatMap((property) =>
    property.type === "SpreadElement" && property.argument.type === "Identifier"
      ? (constants.get(property.argument.name) ?? [])
      : [],
  );
}

const authProperties: ReadonlySet<string> = new Set([
  "authenticationType",
  "additionalAuthenticationProviders",
  "userPoolConfig",
  "openIdConnectConfig",
  "lambdaAuthorizerConfig",
]);
const overrides: ReadonlySet<string> = new Set([
  "addOverride",
  "addDeletionOverride",
  "addPropertyOverride",
  "addPropertyDeletionOverride",
]);

/** Whether a node changes the modes of an API that was made: `cfnGraphqlApi.authenticationType = …`, and CDK's overrides. */
function changesApi(node: Node): boolean {
  if (node.type === "AssignmentExpression")
    return node.left.type === "MemberExpression" && authProperties.has(nameOf(node.left) ?? "");
  if (node.type !== "CallExpression" || !overrides.has(nameOf(node.callee) ?? "")) return false;
  const [path] = node.arguments;
  return path?.type !== "StringLiteral" || /Auth|UserPool|OpenId/.test(path.value);
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
  if (change !== undefined) return failChanged(change);
  return locate(first.data) ?? first.data;
}

function failChanged(change: Node): never {
  return fail(
    positionOf(change),
    "the configuration is changed here, or may be; nothing is executed, so pass the object",
  );
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

function written(node: Node, { constants, changes }: Scope): object {
  const [, change] = [...changes].find(([value]) => holds(value, node)) ?? [];
  if (change !== undefined) return failChanged(change);
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
  if (property.type !== "ObjectProperty") return false;
  const { key, computed } = property;
  const name = computed && key.type === "Identifier" ? "" : nameOf(key);
  return name === "authorizationModes" || name === "authorizationConfig";
}
