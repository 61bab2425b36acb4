import { type Expression, type Node, type Program, traverseFast } from "@babel/types";
import { isData } from "./code.ts";
import { type Constants, evaluate, lineOf } from "./evaluate.ts";
import { fail } from "./fail.ts";

// Finds the configuration in a program: the argument of Amplify.configure(), the authorization modes of an API, or an object
// that is declared, assigned or exported.

/** The parts of a program that may hold a configuration, found in one pass over its tree. */
interface Findings {
  readonly constants: Map<string, Expression>;
  /** Changes of declared values. */
  readonly changes: Map<Node, Node>;
  /** Arguments of `Amplify.configure()`. */
  readonly configured: Node[];
  /** Objects with `authorizationModes` or `authorizationConfig`. */
  readonly defined: Node[];
  /** What is declared, assigned or exported at the top. */
  readonly values: Node[];
}

const severalConfigurations = "a second configuration; pass the one that is to be served";

/**
 * @param locate finds the configuration in an object that holds it; undefined if there is none
 * @throws TypeError if there is no configuration, if there are several, or if only running the program would tell
 */
export function configurationOf(program: Program, locate: (data: object) => object | undefined): object {
  const findings = findingsOf(program);
  const named = findings.configured.length > 0 ? findings.configured : findings.defined;
  if (named.length > 0) return named.map((node) => written(node, findings)).reduce(refuseSecond);
  const objects = [...new Set(findings.values.map((node) => declaredBy(node, findings.constants)))]
    .map((node) => ({ node, data: evaluate(node, findings.constants) }))
    .filter((found): found is { node: Node; data: object } => isData(found.data));
  const fitting = objects.filter(({ data }) => locate(data) !== undefined);
  const [first, second] = fitting.length > 0 ? fitting : objects;
  if (first === undefined) {
    fail(
      1,
      "no object is written out in this file; nothing is executed, so import it yourself and pass the object",
    );
  }
  if (second !== undefined) fail(lineOf(second.node), severalConfigurations);
  const change = findings.changes.get(first.node);
  if (change !== undefined)
    fail(lineOf(change), "the configuration is changed here; nothing is executed, so pass the object");
  return locate(first.data) ?? first.data;
}

function refuseSecond(): never {
  throw new TypeError(`fromAmplify(): ${severalConfigurations}`);
}

function written(node: Node, { constants }: Findings): object {
  const data = evaluate(node, constants);
  if (isData(data)) return data;
  return fail(
    lineOf(node),
    "the configuration is code or comes from another file; pass that file, or the object",
  );
}

/** Two mentions of one constant are one configuration. */
function declaredBy(node: Node, constants: Constants): Node {
  return (node.type === "Identifier" ? constants.get(node.name) : undefined) ?? node;
}

function findingsOf(program: Program): Findings {
  const findings: Findings = {
    constants: new Map(),
    changes: new Map(),
    configured: [],
    defined: [],
    values: [],
  };
  for (const statement of program.body) collect(statement, findings);
  traverseFast(program, (node) => visit(node, findings));
  return findings;
}

function visit(node: Node, { constants, changes, configured, defined }: Findings): void {
  if (node.type === "CallExpression" && isConfigure(node.callee))
    configured.push(...node.arguments.slice(0, 1));
  if (node.type === "ObjectExpression" && node.properties.some(isDefinition)) defined.push(node);
  if (node.type !== "AssignmentExpression") return;
  const name = rootOf(node.left);
  const declared = name === undefined ? undefined : constants.get(name);
  if (name === undefined || declared === undefined) return;
  changes.set(declared, node);
  constants.delete(name);
}

/** Statements at the top of the file. */
function collect(node: Node, findings: Findings): void {
  switch (node.type) {
    case "ExportDefaultDeclaration":
      return collect(node.declaration, findings);
    case "ExportNamedDeclaration":
      return node.declaration ? collect(node.declaration, findings) : undefined;
    case "ExpressionStatement":
      return collect(node.expression, findings);
    case "AssignmentExpression":
      return collect(node.right, findings);
    case "VariableDeclaration":
      for (const { id, init } of node.declarations) {
        if (id.type !== "Identifier" || !init) continue;
        findings.constants.set(id.name, init);
        findings.values.push(init);
      }
      return;
    default:
      findings.values.push(node);
  }
}

function isConfigure(callee: Node): boolean {
  return (
    callee.type === "MemberExpression" &&
    rootOf(callee) === "Amplify" &&
    callee.property.type === "Identifier" &&
    callee.property.name === "configure"
  );
}

function isDefinition(property: Node): boolean {
  if (property.type !== "ObjectProperty" || property.computed) return false;
  const { key } = property;
  const name = key.type === "Identifier" ? key.name : key.type === "StringLiteral" ? key.value : "";
  return name === "authorizationModes" || name === "authorizationConfig";
}

/** The first name of `a.b.c`. */
function rootOf(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  return node.type === "MemberExpression" ? rootOf(node.object) : undefined;
}
