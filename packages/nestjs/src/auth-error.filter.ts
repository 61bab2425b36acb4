import { AuthError } from "@authmodes/core";
import { type ArgumentsHost, Catch, type ExceptionFilter } from "@nestjs/common";
import { throwError } from "rxjs";
import { fieldError } from "./graphql/graphql-errors.ts";
import { sendReply } from "./platforms.ts";
import { messageRejection } from "./rejections.ts";

/** Answers rejections in the format of the auth, and nothing else. */
@Catch(AuthError)
export class AuthErrorFilter implements ExceptionFilter<AuthError> {
  catch(error: AuthError, host: ArgumentsHost): unknown {
    switch (host.getType<string>()) {
      case "graphql":
        return fieldError(error, host.getArgByIndex(3));
      case "http":
        return sendReply(host.getArgByIndex(1), error);
      default:
        return throwError(() => messageRejection(error));
    }
  }
}
