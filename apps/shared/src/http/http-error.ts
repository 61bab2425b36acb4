import type { ErrorFormat, Reply } from "@authmodes/core";

/** An error that is not about credentials. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  /** The message is for the client. */
  readonly expose = true;

  /** @param message a sentence for the client */
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** An answer that every framework can send. */
export type HttpReply = Reply;

// status: title, code of `problem`, error type of AWS
const kinds: Readonly<Record<number, readonly [title: string, code: string, awsType: string]>> = {
  400: ["Bad Request", "invalid_input", "BadRequestException"],
  404: ["Not Found", "not_found", "NotFoundException"],
  409: ["Conflict", "conflict", "ConflictException"],
  413: ["Content Too Large", "body_too_large", "RequestTooLargeException"],
  500: ["Internal Server Error", "internal_error", "InternalServerErrorException"],
};

/** Answers an error in the format of rejections. Bugs are logged and not described to the client. */
export function errorReply(error: unknown, format: ErrorFormat): HttpReply {
  const { status, message } = told(error);
  const [title, code, awsType] = kinds[status] ?? ["Error", "error", "Exception"];
  const headers = { "Content-Type": "application/json", "Cache-Control": "no-store" };
  if (format === "problem") {
    const body = { type: "about:blank", title, status, detail: message, code };
    return {
      status,
      headers: { ...headers, "Content-Type": "application/problem+json" },
      body: JSON.stringify(body),
    };
  }
  const body = format === "apigateway" ? { message } : { errors: [{ errorType: awsType, message }] };
  return { status, headers: { ...headers, "x-amzn-ErrorType": awsType }, body: JSON.stringify(body) };
}

/**
 * What the client is told. Frameworks mark errors of the client with a status, Node marks broken connections with a code.
 * Reads members, not the class: Next bundles a copy of this module.
 */
function told(error: unknown): { readonly status: number; readonly message: string } {
  const { status: marked, code, expose } = Object(error) as Readonly<Record<string, unknown>>;
  const status = Number(marked ?? (code === "ECONNRESET" ? 400 : 500));
  if (status >= 400 && status < 500) {
    const isForClients = expose === true && error instanceof Error;
    return { status, message: isForClients ? error.message : "The request cannot be read" };
  }
  console.error(error);
  return { status: 500, message: "The server failed" };
}
