import type { AuthError } from "@authmodes/core";

// Rejections of fields as AppSync words them for Amplify's clients: `errorType` beside `message`.

/** The part of GraphQL's resolve info that is needed: its types are of a package that not every app has. */
export interface FieldInfo {
  readonly fieldName: string;
  /** Without `prev` it is a field of the query or the mutation itself. */
  readonly path: { readonly prev?: unknown };
  readonly parentType: { readonly name: string };
}

interface FormattedError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

type FormatError = (formatted: FormattedError, error: unknown) => FormattedError;

/** What a resolver throws or returns instead: an error that GraphQL shows with its extensions. */
export function fieldError(
  { status, code, message }: AuthError,
  { fieldName, parentType }: FieldInfo,
): Error {
  if (code === "not_found") {
    return errorWith(`There is no such record for ${fieldName}`, "NotFound", "NOT_FOUND");
  }
  if (code === "invalid_input") return errorWith(message, "BadRequestException", "BAD_USER_INPUT");
  if (status >= 500 || code === "rate_limited") return errorWith(message, code, "INTERNAL_SERVER_ERROR");
  const field = `${fieldName} on type ${parentType.name}`;
  return errorWith(`Not Authorized to access ${field}`, "Unauthorized", "FORBIDDEN");
}

/** @param code Apollo Server's code */
function errorWith(message: string, errorType: string, code: string): Error {
  return Object.assign(new Error(message), { extensions: { errorType, code } });
}

/** For `formatError` of GraphQLModule: Apollo Server drops what is beside `message`, this puts it back. */
export function formattingRejections(own?: FormatError): FormatError {
  return (formatted, error) => {
    const errorType = formatted.extensions?.["errorType"];
    const shown =
      typeof errorType === "string" ? { ...formatted, errorType, errorInfo: null, data: null } : formatted;
    return own === undefined ? shown : own(shown, error);
  };
}
