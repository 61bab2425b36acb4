import type { CallHandler, ExecutionContext, NestInterceptor } from "@nestjs/common";
import type { Observable } from "rxjs";
import { endInTime } from "./ws/clients.ts";
import { knownIdentity } from "./adapter.ts";

/** Where Nest keeps what `@Sse` says. */
const sseKey = "__sse__";

/** Whether a handler answers server-sent events. */
export function isStreaming(handler: object): boolean {
  return Reflect.hasMetadata(sseKey, handler);
}

/** Ends server-sent events with the credentials of the request. */
export class StreamInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const identity = isStreaming(context.getHandler()) ? knownIdentity(context) : undefined;
    return identity === undefined ? next.handle() : endInTime(next.handle(), identity);
  }
}
