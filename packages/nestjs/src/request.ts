import type { NodeRequest } from "@authmodes/core";
import type { ExecutionContext } from "@nestjs/common";

/** The request of `node:http` in what a framework hands on: Express the same, Fastify and the drivers of GraphQL wrap it. */
export function requestBehind(value: unknown): NodeRequest | undefined {
  if (isRequest(value)) return value;
  return [fieldOf(value, "raw"), fieldOf(fieldOf(value, "extra"), "request")].find(isRequest);
}

export function graphqlRequestOf(context: ExecutionContext): NodeRequest | undefined {
  return requestBehind(fieldOf(context.getArgByIndex(2), "req"));
}

function isRequest(value: unknown): value is NodeRequest {
  return Array.isArray(fieldOf(value, "rawHeaders"));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
