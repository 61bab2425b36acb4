import {
  type ASTNode,
  type DefinitionNode,
  type DirectiveNode,
  isExecutableDefinitionNode,
  Kind,
  visit,
} from "graphql";
import type { Complain, Findings } from "./document.ts";
import { refuseWord, type Vocabulary } from "./values.ts";

// Which directives are allowed on what. An unknown directive is an error, since a misspelt @auth would leave a field open to
// the rules of its model. So is a directive in a place that has no effect.

/** The directives that `parseSchema` reads, on types and on fields. */
const read: Readonly<Record<"type" | "field", readonly string[]>> = {
  type: ["auth", "model"],
  field: ["auth", "primaryKey", "index", "hasOne", "hasMany", "belongsTo", "manyToMany", "default"],
};

/** Other directives of Amplify, AppSync and GraphQL. They hold no rules, except `@aws_…`, which only AppSync reads. */
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

/** @param defined names of the directives that the schema defines */
export function checkDirectives(
  definition: DefinitionNode,
  defined: ReadonlySet<string>,
  findings: Findings,
): void {
  if (isExecutableDefinitionNode(definition)) return;
  const type = "name" in definition ? definition.name.value : undefined;
  const words = [...read.type, ...read.field, ...others, ...defined];
  let field: string | undefined;
  visit(definition, {
    enter(node) {
      if (node.kind === Kind.FIELD_DEFINITION) field = node.name.value;
      if ("directives" in node) checkNode(node, definition, words, findings.of(type, field));
    },
    leave(node) {
      if (node.kind === Kind.FIELD_DEFINITION) field = undefined;
    },
  });
}

function checkNode(
  node: Extract<ASTNode, { readonly directives?: unknown }>,
  definition: DefinitionNode,
  words: readonly string[],
  complain: Complain,
): void {
  const vocabulary: Vocabulary = { kind: "directive", words, foreign };
  const seen = new Set<string>();
  for (const directive of node.directives ?? []) {
    const name = directive.name.value;
    if (!vocabulary.words.includes(name)) {
      refuseWord(directive, vocabulary, name, Object.hasOwn(foreign, name) ? "" : "@", complain);
    } else if (read.type.includes(name) || read.field.includes(name)) {
      checkPlace(directive, node, definition, complain);
      if (seen.has(name) && name !== "index") {
        const mend = name === "auth" ? "put all rules into one list" : "keep one of them";
        complain(directive, "repeated-directive", `@${name} is here twice.`, mend);
      }
    }
    seen.add(name);
  }
}

/** @param node the node of the definition that has the directive */
function checkPlace(
  directive: DirectiveNode,
  node: ASTNode,
  definition: DefinitionNode,
  complain: Complain,
): void {
  const name = directive.name.value;
  const type = "name" in definition ? definition.name?.value : undefined;
  const isOnInterface = definition.kind.startsWith("Interface");
  if (node.kind === Kind.OBJECT_TYPE_EXTENSION || node.kind === Kind.INTERFACE_TYPE_EXTENSION) {
    const message = `Directives are not supported on object or interface extensions. See the '@${name}' directive on '${type}'`;
    complain(directive, "directive-on-extension", message, `move it to 'type ${type}'`);
  } else if (node.kind === Kind.FIELD_DEFINITION && isOnInterface) {
    const message = `The @${name} directive cannot be placed on an interface's field. See ${type}.${node.name.value}`;
    const mend = "move it to that field of each type that implements the interface";
    complain(directive, "directive-on-interface", message, mend);
  } else if (
    !(node.kind === Kind.OBJECT_TYPE_DEFINITION && read.type.includes(name)) &&
    !(node.kind === Kind.FIELD_DEFINITION && read.field.includes(name))
  ) {
    const places = (["type", "field"] as const).filter((place) => read[place].includes(name));
    const mend = `move it to a ${places.join(" or a ")}, or remove it`;
    complain(directive, "misplaced-directive", `@${name} has no effect here.`, mend);
  }
}
