import { AuthError } from "@authmodes/core";
import { type ArgumentsHost, Catch, type ExceptionFilter } from "@nestjs/common";
import { throwError } from "rxjs";
import { graphqlRefusal } from "./graphql/graphql-errors.ts";
import { messageRefusal } from "./rejections.ts";
import { sendReply } from "./reply.ts";

/** Answers refusals in the format of the auth, and nothing else. */
@Catch(AuthError)
export class AuthErrorFilter implements ExceptionFilter<AuthError> {
  catch(error: AuthError, host: ArgumentsHost): unknown {
    switch (host.getType<string>()) {
      case "graphql":
        return graphqlRefusal(error, host.getArgByIndex(3));
      case "http":
        return sendReply(host.getArgByIndex(1), error.reply);
      default:
        return throwError(() => messageRefusal(error));
    }
  }
}
