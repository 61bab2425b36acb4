import { type GuardNote, guardNoteKey } from "@authmodes/core/adapter";
import type { Handler, HandlerExplorer } from "./handler-explorer.ts";
import type { HandlerRequirements, RequirementsReader } from "./handler-requirements.ts";

const requirementsKey: unique symbol = Symbol("authmodes:requirements");
/** What `@RouteConfig()` of @nestjs/platform-fastify writes: Fastify keeps it with the route, but not the handler. */
const fastifyConfigKey = "__fastify_route_config__";

/**
 * Writes requirements on the handlers of routes, for the hooks that run before bodies are parsed, and guard notes, for tools
 * that list an app's routes. Called before Nest makes routes of the handlers, since Nest copies their metadata.
 */
export function writeRouteMetadata(explorer: HandlerExplorer, requirements: RequirementsReader): void {
  const found = new Map<Handler, HandlerRequirements[]>();
  for (const { type, handler, kind } of explorer.methods) {
    if (kind !== "route") continue;
    found.set(handler, [...(found.get(handler) ?? []), requirements.of(type, handler)]);
  }
  for (const [handler, required] of found) {
    const config = Reflect.getMetadata(fastifyConfigKey, handler) as object | undefined;
    Reflect.defineMetadata(fastifyConfigKey, { ...config, [requirementsKey]: required }, handler);
    const note = commonNote(required);
    if (note === undefined) Reflect.deleteMetadata(guardNoteKey, handler);
    else Reflect.defineMetadata(guardNoteKey, note, handler);
  }
}

/** Several entries if classes share the handler; none for other handlers. */
export function requirementsOn(handler: object): readonly HandlerRequirements[] {
  return requirementsIn(Reflect.getMetadata(fastifyConfigKey, handler) as object | undefined);
}

export function requirementsIn(config: object = {}): readonly HandlerRequirements[] {
  return (Reflect.get(config, requirementsKey) ?? []) as readonly HandlerRequirements[];
}

/** Classes that share a handler and differ have none: the route then looks open, which draws attention to it. */
function commonNote(required: readonly HandlerRequirements[]): GuardNote | undefined {
  const [note, ...others] = required.map(noteOf);
  return others.every((other) => JSON.stringify(other) === JSON.stringify(note)) ? note : undefined;
}

function noteOf({ open, auth, rule }: HandlerRequirements): GuardNote | undefined {
  if (open) return undefined;
  return {
    modes: auth.modes,
    ...(rule !== undefined && { decision: `${rule.route.operation} ${rule.route.model}` }),
  };
}
