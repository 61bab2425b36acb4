import { AuthError, type AuthErrorCode } from "@authmodes/core";
import { type ExecutionContext, Injectable, Logger } from "@nestjs/common";
import { type FieldInfo, graphqlRefusal } from "./graphql/graphql-errors.ts";

/** A refusal as messages tell of it. */
export interface MessageRefusal {
  readonly status: "error";
  readonly code: AuthErrorCode;
  readonly message: string;
  /** What the log names the refusal by. */
  readonly id: string;
}

export function messageRefusal({ code, message, id }: AuthError): MessageRefusal {
  return { status: "error", code, message, id };
}

/** Misuse that no auth reports, since it never heard of the request. */
export function logMisuse(error: AuthError): AuthError {
  if (error.code === "misconfigured" && error.id === "") new Logger("AuthModes").error(error.detail);
  return error;
}

/** Throws refusals as those expect it who catch them. */
@Injectable()
export class Refusals {
  #wsException: ((refusal: MessageRefusal) => Error) | undefined;

  /** Filters of gateways look for exceptions of a package that only users of gateways have. */
  useWsException(create: (refusal: MessageRefusal) => Error): void {
    this.#wsException = create;
  }

  in(context: ExecutionContext, error: unknown): unknown {
    if (!(error instanceof AuthError)) return error;
    logMisuse(error);
    const kind = context.getType<string>();
    if (kind === "ws") return this.#wsException?.(messageRefusal(error)) ?? error;
    return kind === "graphql" ? fieldRefusal(error, context.getArgByIndex(3)) : error;
  }
}

/** Filters do not run for field resolvers unless asked to. */
function fieldRefusal(error: AuthError, info: FieldInfo): Error {
  return info.path.prev === undefined ? error : graphqlRefusal(error, info);
}
