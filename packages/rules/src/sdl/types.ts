import {
  type DefinitionNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  print,
} from "graphql";
import { unknownSentence } from "../check/spelling.ts";
import { rootTypes } from "../compile/compile.ts";
import { baseTypeOf } from "../compile/model.ts";
import type { Findings } from "./document.ts";

// The object types of a schema with their extensions. Every type that a field names must be defined.

/** The scalars of GraphQL and AppSync, and two that Amplify has for SQL. */
const scalars: readonly string[] = [
  "ID",
  "String",
  "Int",
  "Float",
  "Boolean",
  "AWSDate",
  "AWSTime",
  "AWSDateTime",
  "AWSTimestamp",
  "AWSEmail",
  "AWSJSON",
  "AWSPhone",
  "AWSURL",
  "AWSIPAddress",
  "BigInt",
  "Double",
];

export interface ObjectType {
  readonly node: ObjectTypeDefinitionNode | ObjectTypeExtensionNode;
  readonly fields: readonly FieldDefinitionNode[];
}

export function collectTypes(
  definitions: readonly DefinitionNode[],
  findings: Findings,
): ReadonlyMap<string, ObjectType> {
  const known = definedNames(definitions, findings);
  const types = new Map<string, ObjectType>();
  for (const node of definitions) {
    if (node.kind === Kind.OBJECT_TYPE_DEFINITION)
      types.set(node.name.value, { node, fields: node.fields ?? [] });
  }
  for (const node of definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_EXTENSION) continue;
    const name = node.name.value;
    const extended = types.get(name);
    if (extended === undefined && !rootTypes.includes(name)) {
      const message = unknownSentence("type", name, [...types.keys()]);
      findings.of(name)(node, "unknown-type", message, `write 'type ${name}', without extend`);
      continue;
    }
    const fields = [...(extended?.fields ?? []), ...(node.fields ?? [])];
    types.set(name, { node: extended?.node ?? node, fields });
  }
  for (const [name, type] of types) checkFields(name, type, new Set([...scalars, ...known]), findings);
  return types;
}

function definedNames(definitions: readonly DefinitionNode[], findings: Findings): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of definitions) {
    if (!("name" in node) || !node.kind.endsWith("TypeDefinition") || node.name === undefined) continue;
    const name = node.name.value;
    if (names.has(name)) {
      const message = `There is a type '${name}' already.`;
      findings.of(name)(node, "repeated-type", message, "put them together, or rename one");
    }
    refuseReserved(name, node, findings.of(name));
    names.add(name);
  }
  return names;
}

function checkFields(
  type: string,
  { fields }: ObjectType,
  known: ReadonlySet<string>,
  findings: Findings,
): void {
  const seen = new Set<string>();
  for (const node of fields) {
    const field = node.name.value;
    const complain = findings.of(type, field);
    if (seen.has(field)) {
      const message = `There is a field '${field}' already.`;
      complain(node, "repeated-field", message, "keep one of them");
    }
    refuseReserved(field, node, complain);
    const base = baseTypeOf({ type: print(node.type) });
    if (!known.has(base)) {
      const message = unknownSentence("type", base, [...known]);
      complain(node.type, "unknown-type", message, `define it, such as 'scalar ${base}'`);
    }
    seen.add(field);
  }
}

function refuseReserved(
  name: string,
  node: DefinitionNode | FieldDefinitionNode,
  complain: ReturnType<Findings["of"]>,
): void {
  if (!name.startsWith("__")) return;
  const message = `Names that begin with two underscores, such as '${name}', belong to GraphQL.`;
  complain(node, "reserved-name", message, "rename it");
}
