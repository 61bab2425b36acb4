import { getNamedType, getNullableType, type GraphQLOutputType, isListType } from "graphql";
import type { ModelTypes } from "./model-types.ts";
import type { Pages } from "./record-types.ts";

/** What a field answers, as far as records are concerned. */
export interface Returned {
  readonly kind: "record" | "list" | "edges" | "page" | "count";
  readonly model: string;
}

/** What is known of the types of a schema. */
export interface Types {
  readonly models: ModelTypes;
  readonly pages: Pages;
}

/** undefined: no records of one model. */
export function returnedBy(type: GraphQLOutputType, { models, pages }: Types): Returned | undefined {
  const named = getNamedType(type);
  const isList = isListType(getNullableType(type));
  const model = models.of(named);
  if (model !== undefined) return { kind: isList ? "list" : "record", model };
  const ofPage = isList ? undefined : pages.modelOf(named);
  return ofPage === undefined ? undefined : { kind: "page", model: ofPage };
}
