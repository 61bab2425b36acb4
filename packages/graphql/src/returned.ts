import type { Policy } from "@authmodes/rules";
import { getNamedType, getNullableType, type GraphQLOutputType, isListType, isObjectType } from "graphql";

/** What a field answers, as far as records are concerned. */
export interface Returned {
  readonly kind: "record" | "list" | "connection";
  readonly model: string;
}

/** undefined: no records of a model. */
export function returnedBy(
  type: GraphQLOutputType,
  { schema }: Pick<Policy, "schema">,
): Returned | undefined {
  const named = getNamedType(type);
  if (Object.hasOwn(schema.models, named.name)) {
    return { kind: isListType(getNullableType(type)) ? "list" : "record", model: named.name };
  }
  // Amplify's ModelBookConnection { items, nextToken }.
  if (!isObjectType(named) || !named.name.endsWith("Connection")) return undefined;
  const items = named.getFields()["items"];
  const within = items && returnedBy(items.type, { schema });
  return within?.kind === "list" ? { kind: "connection", model: within.model } : undefined;
}
