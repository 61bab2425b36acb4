import { getBindingIdentifiers, type Node, type Program, traverseFast } from "@babel/types";
import { Aliases, type Change, changesBy, exportedBy } from "./changes.ts";

/** The values of a program, found without running it. */
export interface Scope {
  /** Declared values by name, of names that mean one value in the whole program. */
  readonly constants: ReadonlyMap<string, Node>;
  /** Where a declared value is changed. */
  readonly changes: ReadonlyMap<Node, Node>;
  /** What is declared, assigned or exported at the top; of a function, what it returns. */
  readonly values: readonly Node[];
  /** Those that are assigned or exported. */
  readonly exported: readonly Node[];
}

interface Found {
  readonly values: Node[];
  readonly exported: Node[];
}

export function scopeOf(program: Program): Scope {
  const found: Found = { values: [], exported: [] };
  for (const statement of program.body) collect(statement, found);
  const declared = new Map<string, Node[]>();
  const counts = new Map<string, number>();
  const destructured = new Set<Node>();
  const changed: Change[] = [];
  const aliases = new Aliases(program);
  traverseFast(program, (node) => {
    for (const name of boundBy(node)) counts.set(name, (counts.get(name) ?? 0) + 1);
    changed.push(...changesBy(node, (name) => aliases.isFunction(name)));
    if (node.type === "VariableDeclarator" && node.id.type !== "Identifier" && node.init)
      destructured.add(node.init);
    for (const [name, value] of declaredBy(node)) declared.set(name, [...(declared.get(name) ?? []), value]);
  });
  const changes = new Map<Node, Node>();
  for (const { name, by, isRebound } of changed) {
    const names = isRebound ? [name] : aliases.of(name);
    for (const value of names.flatMap((alias) => declared.get(alias) ?? []))
      if (!changes.has(value)) changes.set(value, by);
  }
  // A parameter or another variable may hide a name that is declared twice, so that it is no constant.
  const constants = [...declared]
    .flatMap(([name, [value]]) => (value === undefined ? [] : [[name, value] as const]))
    .filter(([name, value]) => counts.get(name) === 1 && !changes.has(value) && !destructured.has(value));
  return { ...found, constants: new Map(constants), changes };
}

/** The names that a node declares with a value, or with a part of it. */
function declaredBy(node: Node): readonly (readonly [name: string, value: Node])[] {
  if (node.type === "TSEnumDeclaration") return [[node.id.name, node]];
  if (node.type === "AssignmentExpression") {
    const name = exportedBy(node.left);
    return name === undefined ? [] : [[name, node.right]];
  }
  if (node.type !== "VariableDeclarator" || !node.init) return [];
  const { id, init } = node;
  return Object.keys(getBindingIdentifiers(id)).map((name) => [name, init]);
}

/** Statements at the top of the file. */
function collect(node: Node, found: Found, isExported = false): void {
  switch (node.type) {
    case "ExportDefaultDeclaration":
      return collect(node.declaration, found, true);
    case "ExportNamedDeclaration":
      if (node.declaration) return collect(node.declaration, found, true);
      for (const specifier of node.specifiers) {
        if (specifier.type === "ExportSpecifier" && !node.source) found.exported.push(specifier.local);
      }
      return;
    case "ExpressionStatement":
      return collect(node.expression, found);
    case "TSExportAssignment":
      return collect(node.expression, found, true);
    case "AssignmentExpression":
      return collect(node.right, found, true);
    case "VariableDeclaration":
      for (const { init } of node.declarations) if (init) add(init, found, isExported);
      return;
    default:
      add(node, found, isExported);
  }
}

function add(node: Node, { values, exported }: Found, isExported: boolean): void {
  const value = resultOf(node);
  values.push(value);
  if (isExported) exported.push(value);
}

/** What a function without parameters and variables returns; other values as they are. */
function resultOf(node: Node): Node {
  const isFunction = node.type === "ArrowFunctionExpression" || node.type === "FunctionDeclaration";
  if ((!isFunction && node.type !== "FunctionExpression") || node.params.length > 0) return node;
  if (node.generator === true || node.body.type !== "BlockStatement") return node.body;
  const [statement, ...others] = node.body.body;
  const isResult = statement?.type === "ReturnStatement" && others.length === 0;
  return (isResult ? statement.argument : undefined) ?? node;
}

const bindings: ReadonlySet<Node["type"]> = new Set<Node["type"]>([
  "VariableDeclarator",
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "ObjectMethod",
  "ClassMethod",
  "ClassPrivateMethod",
  "ClassDeclaration",
  "ClassExpression",
  "CatchClause",
  "ImportSpecifier",
  "ImportDefaultSpecifier",
  "ImportNamespaceSpecifier",
]);

/** The names that a node declares. */
function boundBy(node: Node): readonly string[] {
  if (node.type === "TSEnumDeclaration") return [node.id.name];
  if (node.type === "TSParameterProperty") return Object.keys(getBindingIdentifiers(node.parameter));
  return bindings.has(node.type) ? Object.keys(getBindingIdentifiers(node, false, false)) : [];
}
