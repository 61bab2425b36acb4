import type { NodeRequest } from "@authmodes/core";
import type { ExecutionContext } from "@nestjs/common";

/** The request of `node:http` in what a framework hands on: Express the same, Fastify and the drivers of GraphQL wrap it. */
export function requestBehind(value: unknown): NodeRequest | undefined {
  for (const candidate of [value, fieldOf(value, "raw"), fieldOf(fieldOf(value, "extra"), "request")]) {
    if (Array.isArray(fieldOf(candidate, "rawHeaders"))) return candidate as NodeRequest;
  }
  return undefined;
}

export function graphqlRequestOf(context: ExecutionContext): NodeRequest | undefined {
  return requestBehind(fieldOf(context.getArgByIndex(2), "req"));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
