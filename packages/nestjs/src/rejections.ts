import { AuthError } from "@authmodes/core";
import type { ExecutionContext } from "@nestjs/common";
import { fieldError, type FieldInfo } from "./graphql/graphql-errors.ts";
import { clientOf, type MessageRejection } from "./ws/clients.ts";

export function messageRejection({ code, message, id }: AuthError): MessageRejection {
  return { status: "error", code, message, id };
}

/** The error to throw for a rejection, so that filters of its kind of execution know it. Other errors stay as they are. */
export function errorToThrow(context: ExecutionContext, error: unknown): unknown {
  if (!(error instanceof AuthError)) return error;
  switch (context.getType<string>()) {
    case "ws":
      return clientOf(context)?.toException(messageRejection(error)) ?? error;
    case "graphql": {
      // Nest runs no filters for field resolvers unless it is asked to.
      const info: FieldInfo = context.getArgByIndex(3);
      return info.path.prev === undefined ? error : fieldError(error, info);
    }
    default:
      return error;
  }
}
