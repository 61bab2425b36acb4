import type { AuthError } from "@authmodes/core";
import type { Denied } from "@authmodes/rules";
import {
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLResolveInfo,
  responsePathAsArray,
} from "graphql";
import { connectionError } from "./appsync-errors.ts";
import type { EventsLost } from "./events/events.ts";

// Errors of fields that the caller causes, in AppSync's format, which Amplify's clients read: `errorType` next to `message`.

/** A `FieldRefusal` as JSON, in AppSync's format. */
export interface FormattedRefusal extends GraphQLFormattedError {
  readonly errorType: string;
  readonly errorInfo: null;
  readonly data: null;
}

/** Apollo Server's codes. Without one, it would report an internal server error. */
const codes = {
  Unauthorized: "FORBIDDEN",
  NotFound: "NOT_FOUND",
  BadRequestException: "BAD_USER_INPUT",
  UnauthorizedException: "UNAUTHENTICATED",
  ServiceUnavailableException: "SERVICE_UNAVAILABLE",
} as const;

/** AppSync's types of errors. The last two end a subscription: the credentials expired, or they cannot be verified or events be missing. */
export type RefusalType = keyof typeof codes;

/** The error of a field that was denied. Its message is AppSync's, and reveals no more. */
export class FieldRefusal extends GraphQLError {
  readonly errorType: RefusalType;
  readonly errorInfo = null;
  readonly data = null;

  constructor(message: string, info: GraphQLResolveInfo, errorType: RefusalType = "Unauthorized") {
    // Without a path, graphql-js would wrap the error and lose toJSON.
    super(message, {
      nodes: info.fieldNodes,
      path: responsePathAsArray(info.path),
      extensions: { errorType, code: codes[errorType] },
    });
    this.errorType = errorType;
  }

  override toJSON(): FormattedRefusal {
    return { ...super.toJSON(), errorType: this.errorType, errorInfo: null, data: null };
  }
}

export function notAuthorized(info: GraphQLResolveInfo): FieldRefusal {
  return new FieldRefusal(`Not Authorized to access ${info.fieldName} on type ${info.parentType.name}`, info);
}

/** For a write or a filter, which named the fields. */
export function unauthorizedOn(fields: readonly string[], info: GraphQLResolveInfo): FieldRefusal {
  return new FieldRefusal(`Unauthorized on [${fields.join(", ")}]`, info);
}

/** For arguments that are invalid for every caller. */
export function invalidInput(message: string, info: GraphQLResolveInfo): FieldRefusal {
  return new FieldRefusal(message, info, "BadRequestException");
}

/** For a subscription whose credentials expired: Amplify's clients then reconnect with new ones. */
export function credentialsEnded(error: AuthError, info: GraphQLResolveInfo): FieldRefusal {
  const errorType = error.status >= 500 ? "ServiceUnavailableException" : "UnauthorizedException";
  return new FieldRefusal(connectionError(error).message, info, errorType);
}

/** For a subscription whose events may be incomplete. */
export function eventsLost({ message }: EventsLost, info: GraphQLResolveInfo): FieldRefusal {
  return new FieldRefusal(message, info, "ServiceUnavailableException");
}

/** The error for a denied write or filter, in AppSync's words. */
export function refusalOf(decision: Denied, info: GraphQLResolveInfo): FieldRefusal {
  if (decision.missing)
    return new FieldRefusal(`There is no such record for ${info.fieldName}`, info, "NotFound");
  const { reason, deniedFields } = decision;
  const isRootField = deniedFields.some((field) => /^(?:Query|Mutation|Subscription)\./.test(field));
  return reason === "field-denied" && deniedFields.length > 0 && !isRootField
    ? unauthorizedOn(deniedFields, info)
    : notAuthorized(info);
}

/**
 * Restores `errorType`, `errorInfo` and `data`, which Apollo Server removes from errors. Pass it as `formatError`.
 * @example
 * import { ApolloServer } from "@apollo/server";
 * import { apolloFormatError } from "@authmodes/graphql";
 * import type { GraphQLSchema } from "graphql";
 * export const serverOf = (schema: GraphQLSchema) => new ApolloServer({ schema, formatError: apolloFormatError });
 */
export function apolloFormatError(
  formatted: GraphQLFormattedError,
): GraphQLFormattedError | FormattedRefusal {
  const errorType = formatted.extensions?.["errorType"];
  return typeof errorType === "string" ? { ...formatted, errorType, errorInfo: null, data: null } : formatted;
}
