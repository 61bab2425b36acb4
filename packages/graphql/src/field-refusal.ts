import type { AuthError } from "@authmodes/core";
import type { Denied } from "@authmodes/rules";
import {
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLResolveInfo,
  responsePathAsArray,
} from "graphql";

// Errors of fields that a caller causes, in the shape that AppSync gives them, which Amplify's clients read: `errorType`
// beside `message`.

/** An error of one field as it travels to Amplify's clients. */
export interface FormattedRefusal extends GraphQLFormattedError {
  readonly errorType: string;
  readonly errorInfo: null;
  readonly data: null;
}

/** What Apollo Server knows them by; it would otherwise call them errors of the server. */
const codes = {
  Unauthorized: "FORBIDDEN",
  NotFound: "NOT_FOUND",
  BadRequestException: "BAD_USER_INPUT",
  UnauthorizedException: "UNAUTHENTICATED",
  ServiceUnavailableException: "SERVICE_UNAVAILABLE",
} as const;

/** The last two end a subscription: the credential is no longer good, or it cannot be verified. */
export type RefusalType = keyof typeof codes;

/** A field that was refused. The message tells the caller no more than AppSync does. */
export class FieldRefusal extends GraphQLError {
  readonly errorType: RefusalType;
  readonly errorInfo = null;
  readonly data = null;

  constructor(message: string, info: GraphQLResolveInfo, errorType: RefusalType = "Unauthorized") {
    // With its path the error stays what it is: graphql-js would wrap it otherwise and forget toJSON.
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

/** Of a write or a filter: the fields are the client's own words. */
export function unauthorizedOn(fields: readonly string[], info: GraphQLResolveInfo): FieldRefusal {
  return new FieldRefusal(`Unauthorized on [${fields.join(", ")}]`, info);
}

/** Of arguments that are invalid for every caller. */
export function invalidInput(message: string, info: GraphQLResolveInfo): FieldRefusal {
  return new FieldRefusal(message, info, "BadRequestException");
}

/** Of a subscription whose credentials ended: Amplify's clients then connect again with new ones. */
export function credentialsEnded({ status, message }: AuthError, info: GraphQLResolveInfo): FieldRefusal {
  const errorType = status >= 500 ? "ServiceUnavailableException" : "UnauthorizedException";
  return new FieldRefusal(message, info, errorType);
}

/** Why a write, or a filter, is refused, in the words of AppSync. */
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
 * For Apollo Server's `formatError`, which drops what is beside `message`: puts `errorType`, `errorInfo` and `data` back.
 * `new ApolloServer({ schema, formatError: apolloFormatError })`
 */
export function apolloFormatError(
  formatted: GraphQLFormattedError,
): GraphQLFormattedError | FormattedRefusal {
  const errorType = formatted.extensions?.["errorType"];
  return typeof errorType === "string" ? { ...formatted, errorType, errorInfo: null, data: null } : formatted;
}
