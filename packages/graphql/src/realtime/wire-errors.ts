import { AuthError, type AuthErrorCode } from "@authmodes/core";
import { GraphQLError } from "graphql";
import { apolloFormatError, FieldRefusal } from "../field-refusal.ts";
import type { WireError } from "./messages.ts";

// Errors in the words of AppSync, on which its clients decide whether to try again.

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

export const internalFailure: Required<WireError> = {
  errorType: "InternalFailureException",
  message: "Internal failure",
  errorCode: 500,
};

const unauthorized: Required<WireError> = {
  errorType: "UnauthorizedException",
  message: "You are not authorized to make this call.",
  errorCode: 401,
};

/** Amplify's clients try again, unless the code is 400, 401 or 403. */
const answers: Partial<Record<AuthErrorCode, Required<WireError>>> = {
  credentials_expired: { ...unauthorized, message: "Token has expired." },
  body_too_large: {
    errorType: "RequestEntityTooLargeException",
    message: "Request entity too large",
    errorCode: 413,
  },
  rate_limited: { errorType: "TooManyRequestsException", message: "Rate exceeded", errorCode: 429 },
  unavailable: { errorType: "ServiceUnavailableException", message: "Service Unavailable", errorCode: 503 },
  misconfigured: internalFailure,
};

/** The error of a connection that is rejected. */
export function connectionError(error: unknown): Required<WireError> {
  return error instanceof AuthError ? (answers[error.code] ?? unauthorized) : internalFailure;
}

/** The error of a subscription. */
export function subscriptionError(error: unknown): WireError {
  const { errorType, message } = connectionError(error);
  return { errorType, message };
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
