import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type FieldDefinitionNode,
  isExecutableDefinitionNode,
  Kind,
} from "graphql";
import type { Complain, Findings } from "./document.ts";
import { refuseWord, type Vocabulary } from "./values.ts";

// Which directives stand where. A misspelt @auth would leave a field open to the rules of its model, so that a directive
// that nobody knows is an error, and so is one that stands where it has no effect.

/** Those that are read here, and what they stand on. */
const places: Readonly<Record<string, readonly Place[]>> = {
  auth: ["type", "field"],
  model: ["type"],
  primaryKey: ["field"],
  index: ["field"],
  hasOne: ["field"],
  hasMany: ["field"],
  belongsTo: ["field"],
  manyToMany: ["field"],
  default: ["field"],
};

type Place = "type" | "field";

/** Of Amplify, AppSync and GraphQL: they say nothing about who may do what, or `@aws_…` say it to AppSync. */
const others: readonly string[] = [
  "aws_api_key",
  "aws_auth",
  "aws_cognito_user_pools",
  "aws_iam",
  "aws_lambda",
  "aws_oidc",
  "aws_publish",
  "aws_subscribe",
  "conversation",
  "deprecated",
  "function",
  "generation",
  "http",
  "mapsTo",
  "oneOf",
  "predictions",
  "refersTo",
  "searchable",
  "specifiedBy",
  "sql",
  "validate",
  "versioned",
];

const foreign: Readonly<Record<string, string>> = {
  connection: "@hasOne, @hasMany or @belongsTo: @connection is of the first transformer",
  key: "@primaryKey or @index on fields: @key is of the first transformer",
  id: "@primaryKey",
};

/** @param defined names of the directives that the schema defines itself */
export function checkDirectives(
  definition: DefinitionNode,
  defined: ReadonlySet<string>,
  findings: Findings,
): void {
  const vocabulary: Vocabulary = {
    kind: "directive",
    words: [...Object.keys(places), ...others, ...defined],
    foreign,
  };
  for (const spot of spotsOf(definition)) {
    const complain = findings.of(spot.type, spot.field);
    const seen = new Set<string>();
    for (const directive of spot.directives ?? []) {
      const name = directive.name.value;
      if (!vocabulary.words.includes(name)) {
        refuseWord(directive, vocabulary, name, Object.hasOwn(foreign, name) ? "" : "@", complain);
      } else if (Object.hasOwn(places, name)) {
        checkPlace(directive, spot, complain);
        if (seen.has(name) && name !== "index") {
          const mend = name === "auth" ? "put all rules into one list" : "keep one of them";
          complain(directive, "repeated-directive", `@${name} stands here twice.`, mend);
        }
      }
      seen.add(name);
    }
  }
}

/** Something that directives stand on. */
interface Spot {
  readonly kind: Place | "extension" | "interface-field" | "other";
  readonly directives: readonly ConstDirectiveNode[] | undefined;
  readonly type?: string;
  readonly field?: string;
}

function checkPlace(directive: ConstDirectiveNode, spot: Spot, complain: Complain): void {
  const name = directive.name.value;
  if (places[name]?.some((place) => place === spot.kind)) return;
  if (spot.kind === "extension") {
    const message = `Directives are not supported on object or interface extensions. See the '@${name}' directive on '${spot.type}'`;
    complain(directive, "directive-on-extension", message, `move it to 'type ${spot.type}'`);
  } else if (spot.kind === "interface-field") {
    const message = `The @${name} directive cannot be placed on an interface's field. See ${spot.type}.${spot.field}`;
    const mend = "move it to that field of each type that implements the interface";
    complain(directive, "directive-on-interface", message, mend);
  } else {
    const mend = `move it to a ${places[name]?.join(" or a ")}, or remove it`;
    complain(directive, "misplaced-directive", `@${name} has no effect here.`, mend);
  }
}

function spotsOf(definition: DefinitionNode): readonly Spot[] {
  if (definition.kind === Kind.OBJECT_TYPE_DEFINITION) return spotsOfType(definition, "type", "field");
  if (definition.kind === Kind.OBJECT_TYPE_EXTENSION) return spotsOfType(definition, "extension", "field");
  if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION)
    return spotsOfType(definition, "other", "interface-field");
  if (definition.kind === Kind.INTERFACE_TYPE_EXTENSION) {
    return spotsOfType(definition, "extension", "interface-field");
  }
  if (isExecutableDefinitionNode(definition)) return [];
  const type = "name" in definition ? definition.name.value : undefined;
  const parts: readonly WithDirectives[] =
    "fields" in definition
      ? (definition.fields ?? [])
      : "values" in definition
        ? (definition.values ?? [])
        : [];
  return [definition, ...parts].map((node) => other(node, type));
}

interface WithDirectives {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

interface WithFields extends WithDirectives {
  readonly name: { readonly value: string };
  readonly fields?: readonly FieldDefinitionNode[] | undefined;
}

function spotsOfType(definition: WithFields, kind: Spot["kind"], fieldKind: Spot["kind"]): readonly Spot[] {
  const type = definition.name.value;
  const spots: Spot[] = [{ kind, directives: definition.directives, type }];
  for (const node of definition.fields ?? []) {
    const field = node.name.value;
    spots.push({ kind: fieldKind, directives: node.directives, type, field });
    spots.push(...(node.arguments ?? []).map((argument) => other(argument, type, field)));
  }
  return spots;
}

function other(node: WithDirectives, type?: string, field?: string): Spot {
  return {
    kind: "other",
    directives: node.directives,
    ...(type !== undefined && { type }),
    ...(field !== undefined && { field }),
  };
}
