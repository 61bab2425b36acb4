import { type IdentityBase, watchConnection } from "@authmodes/core";
import type { CallHandler, ExecutionContext, NestInterceptor } from "@nestjs/common";
import { catchError, map, Observable } from "rxjs";
import { errorToThrow } from "./auth-error.filter.ts";
import { knownAccess, knownIdentity } from "./adapter.ts";
import { isStreaming } from "./handler-explorer.ts";

/**
 * Replaces good answers that were not decided about, and lists that were not filtered, by an error; ends server-sent events
 * when the credentials of the request expire or are revoked.
 */
export const accessInterceptor: NestInterceptor = {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const identity = isStreaming(context.getHandler()) ? knownIdentity(context) : undefined;
    const answers = identity === undefined ? next.handle() : endInTime(next.handle(), identity);
    const access = knownAccess(context);
    if (access === undefined) return answers;
    return answers.pipe(
      map((answer: unknown) => {
        const objection = access.isWatched ? access.objection() : undefined;
        if (objection !== undefined) throw objection;
        return answer;
      }),
      catchError((error: unknown) => {
        throw errorToThrow(context, error);
      }),
    );
  },
};

/** The same events until the credentials expire or are revoked; the last one, named `error`, has the reason. */
function endInTime<T>(events: Observable<T>, identity: IdentityBase): Observable<T> {
  return new Observable((subscriber) => {
    const watch = watchConnection(identity, (error) => subscriber.error(error));
    subscriber.add(() => watch.stop());
    subscriber.add(events.subscribe(subscriber));
  });
}
