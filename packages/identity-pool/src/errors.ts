/** The errors of the API of Amazon Cognito identity pools that this pool answers with. */
export type PoolErrorType =
  | "ExternalServiceException"
  | "InvalidIdentityPoolConfigurationException"
  | "InvalidParameterException"
  | "NotAuthorizedException"
  | "ResourceNotFoundException"
  | "TooManyRequestsException"
  | "UnknownOperationException";

/** A rejection. Its message is for the caller, and never quotes a token. */
export class PoolError extends Error {
  override readonly name = "PoolError";
  readonly type: PoolErrorType;
  /** Clients try again after 5xx: only if the same request may succeed later. */
  readonly status: number;

  constructor(type: PoolErrorType, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

export function invalid(message: string): PoolError {
  return new PoolError("InvalidParameterException", message);
}

export function notAuthorized(message: string): PoolError {
  return new PoolError("NotAuthorizedException", message);
}

export function notFound(message: string): PoolError {
  return new PoolError("ResourceNotFoundException", message);
}
