import type { RouteAccess } from "@authmodes/core/adapter";
import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from "@nestjs/common";
import { catchError, map, type Observable } from "rxjs";
import { Refusals } from "./rejections.ts";
import { knownAccess } from "./adapter.ts";

/** Lets no good answer leave before it was decided about, nor a list that was not filtered. */
@Injectable()
export class AccessInterceptor implements NestInterceptor {
  readonly #refusals: Refusals;

  constructor(@Inject(Refusals) refusals: Refusals) {
    this.#refusals = refusals;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const access = knownAccess(context);
    if (access === undefined) return next.handle();
    const watched = access.isWatched ? access : undefined;
    return next.handle().pipe(
      map((answer: unknown) => unlessObjected(answer, watched)),
      catchError((error: unknown) => {
        throw this.#refusals.in(context, error);
      }),
    );
  }
}

function unlessObjected(answer: unknown, access: RouteAccess | undefined): unknown {
  const error = access?.objection();
  if (error !== undefined) throw error;
  return answer;
}
