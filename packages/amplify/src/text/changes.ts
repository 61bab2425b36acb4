import { getBindingIdentifiers, type Node, type Program, traverseFast } from "@babel/types";
import { nameOf } from "./evaluate.ts";

// What a program changes. Nothing is executed: a value that may be changed under any of its names counts as changed.

/** A change of a variable, or of the object in it. */
export interface Change {
  readonly name: string;
  readonly by: Node;
  /** Whether the variable gets another value. Its old value, which other names may have, is not changed by that. */
  readonly isRebound: boolean;
}

const changers: ReadonlySet<string> = new Set(
  (
    "push pop shift unshift splice sort reverse fill copyWithin set unset assign defineProperty defineProperties " +
    "deleteProperty setPrototypeOf merge extend defaults"
  ).split(" "),
);

/** They take a configuration and leave it as it is. */
const readers: ReadonlySet<string> = new Set(["configure", "defineAuth", "defineBackend", "defineData"]);

/** @param isKnown whether the file declares a function of this name: what it changes is found in its body */
export function changesBy(node: Node, isKnown: (name: string) => boolean): readonly Change[] {
  const inside = (part: Node) => namesIn(part).map((name) => ({ name, by: node, isRebound: false }));
  switch (node.type) {
    case "AssignmentExpression":
    case "ForInStatement":
    case "ForOfStatement":
      return targetsIn(node.left).flatMap((target) => {
        if (target.type === "Identifier") return { name: target.name, by: node, isRebound: true };
        const exported = exportedBy(target);
        if (exported === undefined) return inside(target);
        // After `module.exports = config`, `module.exports.auth = …` changes it; a default export is another name for it.
        const isChange = exported === "exports" && nameOf(target) !== "default";
        return isChange ? { name: "module", by: node, isRebound: false } : [];
      });
    case "UpdateExpression":
      return inside(node.argument);
    case "UnaryExpression":
      return node.operator === "delete" ? inside(node.argument) : [];
    case "ExpressionStatement": {
      const { expression } = node;
      const call = expression.type === "AwaitExpression" ? expression.argument : expression;
      // A function of another file, called for its effect.
      const isForEffect =
        call.type === "CallExpression" &&
        call.callee.type === "Identifier" &&
        !isKnown(call.callee.name) &&
        !readers.has(call.callee.name);
      return isForEffect ? call.arguments.flatMap(inside) : [];
    }
    case "CallExpression":
    case "OptionalCallExpression": {
      const { callee, arguments: given } = node;
      const name = nameOf(callee) ?? "";
      if (!changers.has(name) || (callee.type === "Identifier" && isKnown(name))) return [];
      // `config.list.push(…)`, `Object.assign(config, …)` and `merge(config, …)`
      return [...("object" in callee ? inside(callee.object) : []), ...given.slice(0, 1).flatMap(inside)];
    }
    default:
      return [];
  }
}

/**
 * Under which name the target of an assignment exports: `module` for `module.exports`, the whole, and `exports` for a member.
 * Undefined for other targets, such as a part of what is exported.
 */
export function exportedBy(target: Node): "module" | "exports" | undefined {
  if (target.type !== "MemberExpression") return undefined;
  if (target.object.type === "Identifier") {
    const { name } = target.object;
    if (name === "exports") return "exports";
    return name === "module" && nameOf(target) === "exports" ? "module" : undefined;
  }
  const isMember = exportedBy(target.object) === "module";
  return isMember ? "exports" : undefined;
}

/** What an assignment writes to: names and members, also in `[config.a, b] = …`. */
function targetsIn(node: Node): readonly Node[] {
  switch (node.type) {
    case "VariableDeclaration":
      return [];
    case "ArrayPattern":
      return node.elements.flatMap((element) => (element === null ? [] : targetsIn(element)));
    case "ObjectPattern":
      return node.properties.flatMap((property) =>
        targetsIn(property.type === "RestElement" ? property.argument : property.value),
      );
    case "AssignmentPattern":
      return targetsIn(node.left);
    case "RestElement":
      return targetsIn(node.argument);
    default:
      return [node];
  }
}

/** The parts of an expression that its value is or holds, as they are and not as copies. */
function sharedParts(node: Node): readonly Node[] {
  switch (node.type) {
    case "MemberExpression":
    case "OptionalMemberExpression":
      return [node.object];
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "ParenthesizedExpression":
      return [node.expression];
    case "ObjectExpression":
      return node.properties.flatMap((property) =>
        property.type === "ObjectProperty"
          ? property.value
          : property.type === "SpreadElement"
            ? property
            : [],
      );
    case "ArrayExpression":
      return node.elements.filter((element) => element !== null);
    case "SpreadElement":
    case "AwaitExpression":
      return [node.argument];
    case "ConditionalExpression":
      return [node.consequent, node.alternate];
    case "LogicalExpression":
      return [node.left, node.right];
    case "AssignmentExpression":
      return [node.right];
    case "SequenceExpression":
      return node.expressions.slice(-1);
    case "CallExpression":
    case "OptionalCallExpression":
      // `Object.values(config)` and `config.list.filter(…)`
      return "object" in node.callee
        ? nameOf(node.callee.object) === "Object"
          ? node.arguments
          : [node.callee.object]
        : [];
    default:
      return [];
  }
}

/** The variables whose objects the value of an expression is or holds. */
function namesIn(node: Node): readonly string[] {
  return node.type === "Identifier" ? [node.name] : sharedParts(node).flatMap(namesIn);
}

/** Whether the value of an expression is or holds that of a part of it. */
export function holds(node: Node, part: Node): boolean {
  return node === part || sharedParts(node).some((inner) => holds(inner, part));
}

/** The variables through which the same objects can be changed. */
export class Aliases {
  readonly #values = new Map<string, Node[]>();
  readonly #parameters = new Map<string, readonly Node[]>();

  constructor(program: Program) {
    traverseFast(program, (node) => {
      if (node.type === "FunctionDeclaration" && node.id) this.#parameters.set(node.id.name, node.params);
      if (node.type !== "VariableDeclarator" || node.id.type !== "Identifier") return;
      if (isFunction(node.init)) this.#parameters.set(node.id.name, node.init.params);
    });
    traverseFast(program, (node) => this.#read(node));
  }

  /** Whether the file declares a function of this name. */
  isFunction(name: string): boolean {
    return this.#parameters.has(name);
  }

  /** The name itself, and those whose objects it may be or hold. */
  of(name: string): readonly string[] {
    const names = new Set([name]);
    // The loop also reads what it adds.
    for (const alias of names)
      for (const value of this.#values.get(alias) ?? []) for (const other of namesIn(value)) names.add(other);
    return [...names];
  }

  #read(node: Node): void {
    switch (node.type) {
      case "VariableDeclarator":
        if (node.init) this.#add(node.id, node.init);
        return;
      case "ForOfStatement":
        return this.#add(
          node.left.type === "VariableDeclaration" ? node.left.declarations[0]?.id : node.left,
          node.right,
        );
      case "AssignmentExpression":
        for (const target of targetsIn(node.left))
          for (const name of [exportedBy(target) ?? namesIn(target)].flat()) this.#put(name, node.right);
        return;
      case "CallExpression":
      case "OptionalCallExpression": {
        const { callee, arguments: given } = node;
        if (callee.type === "Identifier") {
          const parameters = this.#parameters.get(callee.name) ?? [];
          for (const [i, parameter] of parameters.entries()) this.#add(parameter, given[i]);
        }
        // `Object.values(config).forEach((part) => …)`
        for (const callback of (given as readonly Node[]).filter(isFunction))
          for (const parameter of callback.params)
            if ("object" in callee) this.#add(parameter, callee.object);
        return;
      }
      default:
    }
  }

  /** @param pattern a name, or names that are destructured */
  #add(pattern: Node | undefined, value: Node | undefined): void {
    if (pattern === undefined || value === undefined) return;
    for (const name of Object.keys(getBindingIdentifiers(pattern))) this.#put(name, value);
  }

  #put(name: string, value: Node): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }
}

type FunctionNode = Extract<Node, { readonly params: unknown; readonly body: unknown }>;

function isFunction(node: Node | null | undefined): node is FunctionNode {
  return node?.type === "ArrowFunctionExpression" || node?.type === "FunctionExpression";
}
