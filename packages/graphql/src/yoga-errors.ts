import type { GraphQLFormattedError } from "graphql";
import { apolloFormatError } from "./field-refusal.ts";
import { filtered, isStream } from "./guards/event-stream.ts";

/** The part of graphql-yoga's `Plugin` that `yogaErrors` implements. */
export interface YogaErrorsPlugin {
  onResultProcess(payload: { readonly result: unknown; readonly setResult: (result: never) => void }): void;
}

/**
 * Creates a plugin that restores `errorType`, `errorInfo` and `data`, which graphql-yoga removes from errors.
 * @example
 * import { yogaErrors } from "@authmodes/graphql";
 * import type { GraphQLSchema } from "graphql";
 * import { createYoga } from "graphql-yoga";
 * export const yogaOf = (schema: GraphQLSchema) => createYoga({ schema, plugins: [yogaErrors()] });
 */
export function yogaErrors(): YogaErrorsPlugin {
  return {
    onResultProcess({ result, setResult }) {
      // Only the serialization of the result changes.
      setResult(mapped(result) as never);
    },
  };
}

function mapped(result: unknown): unknown {
  if (Array.isArray(result)) return result.map(withStringify);
  return isStream(result) ? filtered(result, async (one) => withStringify(one)) : withStringify(result);
}

function withStringify(result: unknown): unknown {
  if (typeof result !== "object" || result === null || !("errors" in result)) return result;
  return { ...result, stringify };
}

/** yoga calls this instead of JSON.stringify. */
function stringify(result: { readonly errors?: readonly unknown[] }): string {
  return JSON.stringify({ ...result, errors: result.errors?.map(formatted) });
}

function formatted(error: unknown): unknown {
  const isError = typeof error === "object" && error !== null && "toJSON" in error;
  if (!isError || typeof error.toJSON !== "function") return error;
  return apolloFormatError(error.toJSON() as GraphQLFormattedError);
}
