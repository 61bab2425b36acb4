import type { GraphQLFormattedError } from "graphql";
import { apolloFormatError } from "./field-refusal.ts";
import { filtered, isStream } from "./guards/event-stream.ts";

/** What graphql-yoga calls; it fits yoga's `Plugin`, which this package does not need to know. */
export interface YogaErrorsPlugin {
  onResultProcess(payload: { readonly result: unknown; readonly setResult: (result: never) => void }): void;
}

/**
 * For graphql-yoga, which drops what is beside the `message` of an error: puts `errorType`, `errorInfo` and `data`
 * back. `createYoga({ schema, plugins: [yogaErrors()] })`
 */
export function yogaErrors(): YogaErrorsPlugin {
  return {
    onResultProcess({ result, setResult }) {
      // A result comes back as it was, but for how it is written down.
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

/** yoga's own way to write a result otherwise than by JSON.stringify. */
function stringify(result: { readonly errors?: readonly unknown[] }): string {
  return JSON.stringify({ ...result, errors: result.errors?.map(formatted) });
}

function formatted(error: unknown): unknown {
  const isError = typeof error === "object" && error !== null && "toJSON" in error;
  if (!isError || typeof error.toJSON !== "function") return error;
  return apolloFormatError(error.toJSON() as GraphQLFormattedError);
}
