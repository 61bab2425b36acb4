import { type DefinitionNode, type DocumentNode, Kind, type ObjectTypeDefinitionNode } from "graphql";
import { checkOptionNames } from "@authmodes/core/options";
import { deepFreeze } from "../builder/schema.ts";
import { PolicyError } from "../check/errors.ts";
import { rememberPositions } from "../check/finding.ts";
import type { RulePlace } from "../check/validate-rule.ts";
import { rootTypes } from "../compile/compile.ts";
import { upperFirst } from "../compile/model.ts";
import type { PolicyOptions } from "../compile/options.ts";
import { createPolicy, type Policy } from "../policy.ts";
import type { FieldDefinition, Finding, ModelDefinition, RuleSchema, TypeDefinition } from "../types.ts";
import { checkDirectives } from "./directives.ts";
import { Findings, parseDocument, positionOf } from "./document.ts";
import { directiveOf, readField, readGlobalRule, readKeys, readRules, readSubscriptions } from "./fields.ts";
import { collectTypes, type ObjectType } from "./types.ts";

/** Options of `parseSchema`. */
export interface ParseOptions {
  /** The name of the file that the text is from, for errors: they say `schema.graphql:12:3` instead of `12:3`. */
  readonly file?: string;
}

/**
 * Reads models and rules from SDL: Amplify's `@auth`, `@model`, `@primaryKey`, `@index`, relations and `globalAuthRule`. The
 * text has at most 1,048,576 characters, and brackets are nested at most 32 deep.
 * @returns the schema as frozen JSON, for `createPolicy`, whose errors and warnings have line and column too
 * @throws PolicyError with all errors, each with line and column; a syntax error is reported alone
 * @throws TypeError for an option that does not exist
 * @example
 * import { readFileSync } from "node:fs";
 * import { createPolicy } from "@authmodes/rules";
 * import { parseSchema } from "@authmodes/rules/sdl";
 * const file = "schema.graphql"; // type Order @model @auth(rules: [{ allow: owner }]) { id: ID! note: String owner: String }
 * export const policy = createPolicy(parseSchema(readFileSync(file, "utf8"), { file }));
 */
export function parseSchema(sdl: string, options: ParseOptions = {}): RuleSchema {
  checkOptionNames("parseSchema()", options, ["file"]);
  const { file } = options;
  const inFile = (found: Finding): Finding =>
    file === undefined || found.position === undefined
      ? found
      : { ...found, position: { file, ...found.position } };
  try {
    return parse(sdl, inFile);
  } catch (thrown) {
    throw thrown instanceof PolicyError ? new PolicyError(thrown.errors.map(inFile)) : thrown;
  }
}

function parse(sdl: string, inFile: (found: Finding) => Finding): RuleSchema {
  const document = parseDocument(sdl);
  const findings = new Findings();
  checkDefinitions(document, findings);
  const types = collectTypes(document.definitions, findings);
  const read = readTypes(types, findings);
  const sandbox = readSandbox(document, findings);
  if (findings.all.length > 0) throw new PolicyError(inOrder(findings.all));
  const schema = deepFreeze({ ...read, ...(sandbox && { sandbox }) });
  rememberPositions(schema, (finding) => {
    const position = finding.position ?? positionIn(types, finding);
    return position === undefined ? finding : inFile({ ...finding, position });
  });
  return schema;
}

function checkDefinitions({ definitions }: DocumentNode, findings: Findings): void {
  const defined = new Set<string>();
  for (const node of definitions) {
    if (node.kind === Kind.DIRECTIVE_DEFINITION) defined.add(node.name.value);
  }
  for (const node of definitions) {
    checkDirectives(node, defined, findings);
    checkKind(node, findings);
  }
}

function checkKind(node: DefinitionNode, findings: Findings): void {
  if (node.kind === Kind.OPERATION_DEFINITION || node.kind === Kind.FRAGMENT_DEFINITION) {
    const message = "This is a query, not a definition.";
    findings.of()(node, "not-a-definition", message, "move it to another file");
  }
  if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) return;
  for (const { operation, type } of node.operationTypes ?? []) {
    const expected = upperFirst(operation);
    if (type.name.value === expected) continue;
    // Rules on its fields would be read as rules on a nested object.
    const message = `The ${operation} type is '${type.name.value}', but rules need the name '${expected}'.`;
    findings.of(type.name.value)(type, "root-type-name", message, `rename it to ${expected}`);
  }
}

function readTypes(types: ReadonlyMap<string, ObjectType>, findings: Findings): RuleSchema {
  const models: [string, ModelDefinition][] = [];
  const others: [string, TypeDefinition][] = [];
  for (const [name, type] of types) {
    const model = type.node.kind === Kind.OBJECT_TYPE_DEFINITION && directiveOf(type.node, "model");
    if (model) {
      models.push([name, readModel(name, type, model, findings)]);
    } else {
      const place = rootTypes.includes(name) ? "root-field" : "plain-field";
      others.push([name, readType(name, type, place, findings)]);
    }
  }
  return {
    models: Object.fromEntries(models),
    ...(others.length > 0 && { types: Object.fromEntries(others) }),
  };
}

function readModel(
  name: string,
  type: ObjectType,
  directive: NonNullable<ObjectTypeDefinitionNode["directives"]>[number],
  findings: Findings,
): ModelDefinition {
  const complain = findings.of(name);
  if (rootTypes.includes(name)) {
    const message = `${name} is a root type, which holds no records.`;
    complain(directive, "root-model", message, "remove @model, or rename the type");
  }
  const subscriptions = readSubscriptions(directive, complain);
  return {
    ...readType(name, type, "field", findings),
    ...readKeys(type.fields, (field) => findings.of(name, field)),
    ...(subscriptions !== undefined && { subscriptions }),
  };
}

function readType(name: string, type: ObjectType, place: RulePlace, findings: Findings): TypeDefinition {
  const rules =
    type.node.kind === Kind.OBJECT_TYPE_DEFINITION
      ? readRules(type.node, "model", findings.of(name))
      : undefined;
  const fields = type.fields.map((node): [string, FieldDefinition] => [
    node.name.value,
    readField(node, place, findings.of(name, node.name.value)),
  ]);
  return { ...(rules !== undefined && { rules }), fields: Object.fromEntries(fields) };
}

function readSandbox({ definitions }: DocumentNode, findings: Findings): boolean {
  return definitions
    .filter((node) => node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
    .filter((node) => node.name.value === "AMPLIFY")
    .some((node) => readGlobalRule(node, findings));
}

function positionIn(types: ReadonlyMap<string, ObjectType>, { model, field }: Finding): Finding["position"] {
  const type = model === undefined ? undefined : types.get(model);
  if (type === undefined) return undefined;
  return positionOf(type.fields.find((node) => node.name.value === field) ?? type.node);
}

/** In the order of the text. */
function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const at = ({ position = { line: 0, column: 0 } }: Finding) => position;
  return findings.toSorted((a, b) => at(a).line - at(b).line || at(a).column - at(b).column);
}

/** The result of `readPolicy`: the schema and policy of a text, or its errors. */
export interface PolicyText {
  /** undefined if the text cannot be read. */
  readonly schema: RuleSchema | undefined;
  /** undefined if there are errors. */
  readonly policy: Policy | undefined;
  /** The errors, with line and column. */
  readonly errors: readonly Finding[];
  /** The warnings of the policy, with line and column. */
  readonly warnings: readonly Finding[];
}

/**
 * Does the work of `parseSchema` and `createPolicy`, for tools: returns errors of the text instead of throwing them.
 * @throws TypeError if an option is unknown or has a value of the wrong kind
 * @example
 * import { readPolicy } from "@authmodes/rules/sdl";
 * const { policy, errors } = readPolicy("type Order @model @auth(rules: [{ allow: owners }]) { id: ID! }");
 * if (policy === undefined) for (const { position, message } of errors) console.error(position?.line, message);
 */
export function readPolicy(sdl: string, options: PolicyOptions = {}): PolicyText {
  let schema: RuleSchema | undefined;
  try {
    schema = parseSchema(sdl);
    const policy = createPolicy(schema, options);
    return { schema, policy, errors: [], warnings: policy.warnings };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { schema, policy: undefined, errors: error.errors, warnings: [] };
  }
}
