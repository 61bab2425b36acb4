import type { NodeRequest } from "@authmodes/core";
import type { ArgumentsHost, ExecutionContext } from "@nestjs/common";

// What Nest's ExecutionContext holds differs between HTTP, GraphQL, WebSocket messages and messages of microservices.

/** The parameters of a route, the arguments of a field, the data of a message. */
export type RouteArgs = Readonly<Record<string, unknown>>;

/**
 * The object that identifies one execution of a handler. Nest passes guards and parameter decorators different contexts
 * for the same execution; many executions share a request in GraphQL, and a client behind a WebSocket.
 */
export function executionKey(context: ExecutionContext): object {
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
      return requestOf(context) ?? context.getArgByIndex<object>(0);
  }
}

/**
 * Whether other executions at the same time have the same key: messages of a client that are no
 * objects, and the handlers of one message of a microservice.
 */
export function sharesKey(context: ExecutionContext): boolean {
  const type = context.getType<string>();
  return type === "rpc" || (type === "ws" && executionKey(context) === context.switchToWs().getClient());
}

/** The HTTP request of an execution; messages have none. */
export function requestOf(context: ArgumentsHost): NodeRequest | undefined {
  const type = context.getType<string>();
  if (type === "ws" || type === "rpc") return undefined;
  return requestBehind(
    type === "graphql" ? fieldOf(context.getArgByIndex(2), "req") : context.getArgByIndex(0),
  );
}

/** The request in what `@Inject(REQUEST)` injects: a request of the platform, or the context of GraphQL. */
export function requestIn(value: unknown): NodeRequest | undefined {
  return requestBehind(value) ?? requestBehind(fieldOf(value, "req"));
}

export function argsOf(context: ExecutionContext): RouteArgs {
  const type = context.getType<string>();
  const args =
    type === "http"
      ? fieldOf(context.getArgByIndex(0), "params")
      : context.getArgByIndex<unknown>(type === "rpc" ? 0 : 1);
  return isObject(args) ? args : {};
}

/** What a create or an update wants to write. */
export function inputOf(context: ExecutionContext): unknown {
  const type = context.getType<string>();
  if (type === "http") return fieldOf(context.getArgByIndex(0), "body");
  return type === "graphql" ? argsOf(context)["input"] : argsOf(context);
}

export function nameOf(context: ExecutionContext): string {
  return `${context.getClass().name}.${context.getHandler().name}`;
}

/** Express passes the request of `node:http` itself; Fastify and the drivers of GraphQL wrap it. */
function requestBehind(value: unknown): NodeRequest | undefined {
  if (isRequest(value)) return value;
  return [fieldOf(value, "raw"), fieldOf(fieldOf(value, "extra"), "request")].find(isRequest);
}

function isRequest(value: unknown): value is NodeRequest {
  return Array.isArray(fieldOf(value, "rawHeaders"));
}

function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
