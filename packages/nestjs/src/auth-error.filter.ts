import { AuthError } from "@authmodes/core";
import { type ArgumentsHost, Catch, type ExceptionFilter, type ExecutionContext } from "@nestjs/common";
import { throwError } from "rxjs";
import { requests } from "./adapter.ts";
import { requestOf } from "./execution-context.ts";
import { fieldError, type FieldInfo } from "./graphql/graphql-errors.ts";
import { sendReply } from "./platforms.ts";
import { clientOf } from "./ws/clients.ts";

/** Answers rejections in the format of the auth, and nothing else. */
@Catch(AuthError)
export class AuthErrorFilter implements ExceptionFilter<AuthError> {
  catch(error: AuthError, host: ArgumentsHost): unknown {
    switch (host.getType<string>()) {
      case "graphql":
        return fieldError(error, host.getArgByIndex(3));
      case "http": {
        const request = requestOf(host);
        return sendReply(
          host.getArgByIndex(1),
          request === undefined ? error : requests.rejection(request, error),
        );
      }
      default:
        return throwError(() => messageError(error));
    }
  }
}

/** What a guard throws in place of an AuthError if this filter does not run: gateways have filters of their own. */
export function errorToThrow(context: ExecutionContext, error: unknown): unknown {
  if (!(error instanceof AuthError)) return error;
  switch (context.getType<string>()) {
    case "graphql": {
      // Nest runs no filters for field resolvers unless it is asked to.
      const info: FieldInfo = context.getArgByIndex(3);
      return info.path.prev === undefined ? error : fieldError(error, info);
    }
    case "ws":
      return clientOf(context)?.toException(messageError(error)) ?? error;
    default:
      return error;
  }
}

/** @returns `id`: of the rejection in the log */
function messageError({ code, message, id }: AuthError): object {
  return { status: "error", code, message, id };
}
