import type { Operation } from "../types.ts";

// Root fields as Amplify names them: what a Lambda authorizer denies by them is denied on every way to the model.

/** The root field of this operation that is denied; undefined where none is. */
export function deniedRootField(
  denied: ReadonlySet<string>,
  model: string,
  operation: Operation,
): string | undefined {
  return rootFields(model, operation).find((field) => denied.has(field));
}

function rootFields(model: string, operation: Operation): readonly string[] {
  switch (operation) {
    case "get":
      return [`Query.get${model}`];
    case "list":
    case "search":
    case "sync":
      return plurals(model).map((name) => `Query.${operation}${name}`);
    case "create":
    case "update":
    case "delete":
      return [`Mutation.${operation}${model}`];
    case "listen":
      // Which of the three events is meant is known where the root field is: there `decideField` is asked.
      return [];
  }
}

/** More plurals than there are: a name that is denied in vain does no harm. */
function plurals(model: string): readonly string[] {
  return [model, `${model}s`, `${model}es`, model.replace(/y$/, "ies")];
}
