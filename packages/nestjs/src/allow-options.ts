import type { CallContext, MaybePromise, Values } from "@authmodes/core";
import type { Abstract, ExecutionContext, Type } from "@nestjs/common";

/** The parameters of a route, the arguments of a field, the data of a message. */
export type RouteArgs = Readonly<Record<string, unknown>>;

export type Loaded = MaybePromise<Values | null | undefined>;

export interface AllowOptions {
  /**
   * Finds the record that a get, an update or a delete is about: a function, or `loadFrom(OrdersService, …)` for one
   * that needs a provider.
   */
  readonly load?: LoadRecord | ProvidedLoad;
  /** What a create or an update wants to write. Default: the body; in GraphQL the argument `input`. */
  readonly input?: (context: ExecutionContext, call: CallContext) => unknown;
  /** The handler loads the record and calls `decide` of its access. Until then no good answer leaves. */
  readonly handlerDecides?: boolean;
}

// A method, for its parameters may then be named more closely than they are known: `({ id }: { id: string }) => …`.
export type LoadRecord = {
  load(args: RouteArgs, context: ExecutionContext, call: CallContext): Loaded;
}["load"];

export type Token<T> = Type<T> | Abstract<T> | string | symbol;

type ProvidedLoadFunction<T> = {
  load(provider: T, args: RouteArgs, context: ExecutionContext, call: CallContext): Loaded;
}["load"];

/** A way to load that needs a provider of the app. */
export class ProvidedLoad<T = unknown> {
  readonly token: Token<T>;
  readonly load: ProvidedLoadFunction<T>;

  constructor(token: Token<T>, load: ProvidedLoadFunction<T>) {
    this.token = token;
    this.load = load;
  }
}

/**
 * Loads records with a provider: `{ load: loadFrom(OrdersService, (orders, { id }) => orders.find(String(id))) }`.
 * @param load given the provider, then the route's parameters or the field's arguments
 */
export function loadFrom<T>(token: Token<T>, load: ProvidedLoadFunction<T>): ProvidedLoad {
  return new ProvidedLoad(token, load);
}
