import { GraphQLError } from "graphql";
import { connectionError, subscriptionError, type WireError } from "../appsync-errors.ts";
import { apolloFormatError, FieldRefusal } from "../field-refusal.ts";

// Errors of starts and of executions, as messages have them.

/** Thrown to reject a start. */
export class StartRejected extends Error {
  readonly errors: readonly WireError[];

  constructor(...errors: readonly WireError[]) {
    super("the start was rejected");
    this.errors = errors;
  }
}

export function badRequest(message: string): WireError {
  return { errorType: "BadRequestException", message };
}

/** Whether the caller did nothing wrong and the same start succeeds later: a store, an issuer or the events are down. */
export function isOutage({ errorType }: WireError): boolean {
  return errorType === "ServiceUnavailableException";
}

/** Whether the server is at fault, so that its developer has to know. */
export function isFault(error: unknown): boolean {
  return connectionError(error).errorCode >= 500;
}

/**
 * Formats the errors of an execution. An error of a resolver that is not meant for clients is reported, and masked.
 * @param report gets the original error
 */
export function executionErrors(
  errors: readonly GraphQLError[],
  report: (error: unknown) => void,
): readonly WireError[] {
  return errors.map((error) => {
    const { originalError, path, locations } = error;
    if (originalError === undefined || originalError instanceof GraphQLError)
      return apolloFormatError(error.toJSON());
    if (isFault(originalError)) report(originalError);
    return { ...subscriptionError(originalError), ...(path && { path }), ...(locations && { locations }) };
  });
}

/** The error that ended the subscription: the refusal of its root field, after which no event follows. */
export function endedBy(errors: readonly GraphQLError[] | undefined): FieldRefusal | undefined {
  const [first] = errors ?? [];
  return first instanceof FieldRefusal && first.path?.length === 1 ? first : undefined;
}
