import { AuthError, type AuthErrorCode } from "@authmodes/core";

// Errors in the words of AppSync, on which its clients decide whether to try again.

/** An error as clients read it. `errorCode` is that of a rejected connection. */
export interface WireError {
  readonly errorType?: string;
  readonly message: string;
  readonly errorCode?: number;
}

const internalFailure: Required<WireError> = {
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
export function subscriptionError(error: unknown): Required<Omit<WireError, "errorCode">> {
  const { errorType, message } = connectionError(error);
  return { errorType, message };
}
