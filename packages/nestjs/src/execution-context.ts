import type { RouteArgs } from "./allow-options.ts";
import type { ExecutionContext } from "@nestjs/common";

// What differs between HTTP, GraphQL, WebSocket messages and messages of microservices.

/**
 * What stands for one run of a handler. Guards and parameter decorators are given different contexts for the same run,
 * and many runs share a request in GraphQL, and a client behind a WebSocket.
 */
export function runOf(context: ExecutionContext): object {
  switch (context.getType<string>()) {
    case "graphql":
      return context.getArgByIndex(3);
    case "ws": {
      const data: unknown = context.switchToWs().getData();
      return isObject(data) ? data : context.switchToWs().getClient<object>();
    }
    case "rpc":
      return context.switchToRpc().getContext<object>();
    default:
      return context.getArgByIndex(0);
  }
}

/** The parameters of a route, the arguments of a field, the data of a message. */
export function argsOf(context: ExecutionContext): RouteArgs {
  const args: unknown = {
    graphql: () => context.getArgByIndex<unknown>(1),
    ws: () => context.switchToWs().getData<unknown>(),
    rpc: () => context.switchToRpc().getData<unknown>(),
    http: () => context.switchToHttp().getRequest<{ readonly params: unknown }>().params,
  }[context.getType<"graphql" | "ws" | "rpc" | "http">()]();
  return isObject(args) ? args : {};
}

/** What a create or an update wants to write. */
export function inputOf(context: ExecutionContext): unknown {
  if (context.getType<string>() === "http") {
    return context.switchToHttp().getRequest<{ readonly body: unknown }>().body;
  }
  const args = argsOf(context);
  return context.getType<string>() === "graphql" ? args["input"] : args;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
