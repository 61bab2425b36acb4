import { getNamedType, type GraphQLSchema, isObjectType } from "graphql";
import { returnedBy, type Types } from "./returned.ts";

/**
 * The types that a model's rules are about: models, what they hold, their connections. Amplify writes their `@aws_…`
 * directives itself, so that those without one are not meant for the default mode alone.
 */
export function typesUnderRules(schema: GraphQLSchema, types: Types): ReadonlySet<string> {
  const found = new Set<string>();
  const follow = (name: string): void => {
    const type = schema.getType(name);
    if (!isObjectType(type) || found.has(name)) return;
    found.add(name);
    for (const field of Object.values(type.getFields())) follow(getNamedType(field.type).name);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type) && returnedBy(type, types) !== undefined) follow(type.name);
  }
  return found;
}
