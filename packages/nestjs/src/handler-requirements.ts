import type { Auth, Requirements } from "@authmodes/core";
import {
  checkRequirements,
  type Guard,
  type GuardNote,
  guardNoteKey,
  type GuardedRoute,
  guardedRoute,
} from "@authmodes/core/adapter";
import { Inject, Injectable, type Type } from "@nestjs/common";
import { AUTH } from "./auth-modes.options.ts";
import type { Handler, HandlerExplorer } from "./handler-explorer.ts";
import {
  allowKey,
  type AllowOptions,
  type AllowRule,
  everyCaller,
  groupsKey,
  modesKey,
  requirementOn,
  scopesKey,
} from "./handler.decorators.ts";

/** What a handler requires of its callers; its auth is restricted to the modes of the handler. */
export interface HandlerRequirements extends Guard {
  /** Whether the handler accepts every caller. */
  readonly open: boolean;
  readonly rule: HandlerRule | undefined;
}

/** The question to the rules before a handler runs. */
export interface HandlerRule extends AllowOptions {
  readonly route: GuardedRoute;
}

/** Reads the decorators of handlers, once each. */
@Injectable()
export class RequirementsReader {
  /** The requirements without decorators: credentials of any mode. */
  readonly defaults: HandlerRequirements;
  readonly auth: Auth;
  readonly #known = new Map<Type, Map<Handler, HandlerRequirements>>();

  constructor(@Inject(AUTH) auth: Auth) {
    this.auth = auth;
    this.defaults = { open: false, auth: withoutNone(auth), needs: undefined, rule: undefined };
  }

  /** @throws TypeError if the decorators do not fit the auth or each other */
  of(type: Type, handler: Handler): HandlerRequirements {
    let handlers = this.#known.get(type);
    if (handlers === undefined) this.#known.set(type, (handlers = new Map()));
    let known = handlers.get(handler);
    if (known === undefined) handlers.set(handler, (known = this.#read(type, handler)));
    return known;
  }

  #read(type: Type, handler: Handler): HandlerRequirements {
    const read = <T>(key: symbol): T | undefined =>
      (Reflect.getMetadata(key, handler) ?? Reflect.getMetadata(key, type)) as T | undefined;
    try {
      const modes = read<readonly string[] | typeof everyCaller>(modesKey);
      if (modes === everyCaller) {
        // On the class it would override what a handler requires.
        const isOfMethod = Reflect.hasMetadata(modesKey, handler);
        const asked = requirementOn(handler) ?? (isOfMethod ? undefined : requirementOn(type));
        if (asked !== undefined) {
          throw new TypeError(`@AllowAnonymous() accepts every caller; remove it or ${asked}()`);
        }
        return { open: true, auth: this.auth, needs: undefined, rule: undefined };
      }
      const auth = modes === undefined ? this.defaults.auth : this.auth.only(...modes);
      const groups = read<readonly string[]>(groupsKey);
      const scopes = read<NonNullable<Requirements["scopes"]>>(scopesKey);
      const needs = checkRequirements("the decorators", {
        ...(groups !== undefined && { groups }),
        ...(scopes !== undefined && { scopes }),
      });
      const allow = read<AllowRule>(allowKey);
      return { open: false, auth, needs, rule: allow && ruleOf(allow, auth) };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new TypeError(`${type.name}.${handler.name}: ${error.message}`, { cause: error });
    }
  }
}

/** Mode `none` is accepted only if a handler names it. */
function withoutNone(auth: Auth): Auth {
  const modes = auth.modes.filter((name) => name !== "none");
  return modes.length === 0 ? auth : auth.only(...modes);
}

function ruleOf({ operation, model, options }: AllowRule, auth: Auth): HandlerRule {
  const { load } = options;
  const checked = typeof load === "object" ? { ...options, load: load?.load } : options;
  return { ...options, route: guardedRoute(auth, operation, model, checked) };
}

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
