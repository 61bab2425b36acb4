import { Inject, Injectable, type Type } from "@nestjs/common";
import { ApplicationConfig } from "@nestjs/core";
import { Accesses } from "./accesses.ts";
import { isList } from "@authmodes/core/adapter";
import { allowKey, groupsKey, modesKey, scopesKey } from "./handler.decorators.ts";
import { GraphQLEndpoints, type GraphQLOptions } from "./graphql/graphql-endpoints.ts";
import { Handlers, type Method } from "./handler-explorer.ts";
import { isHandshakeAdapter } from "./handshake-adapter.ts";
import { answersByItself } from "./response-parameter.ts";
import { type Route, Routes } from "./handler-requirements.ts";

const decorators = [
  [modesKey, "@Modes or @AllowAnonymous"],
  [groupsKey, "@Groups"],
  [scopesKey, "@Scopes"],
  [allowKey, "@Allow"],
] as const;

/** Tells the programmer when the app starts what would otherwise guard nothing. */
@Injectable()
export class StartupChecks {
  readonly #handlers: Handlers;
  readonly #routes: Routes;
  readonly #accesses: Accesses;
  readonly #endpoints: GraphQLEndpoints;
  readonly #config: ApplicationConfig;

  constructor(
    @Inject(Handlers) handlers: Handlers,
    @Inject(Routes) routes: Routes,
    @Inject(Accesses) accesses: Accesses,
    @Inject(GraphQLEndpoints) endpoints: GraphQLEndpoints,
    @Inject(ApplicationConfig) config: ApplicationConfig,
  ) {
    this.#handlers = handlers;
    this.#routes = routes;
    this.#accesses = accesses;
    this.#endpoints = endpoints;
    this.#config = config;
  }

  /** @throws TypeError that says what to write instead */
  run(): void {
    for (const type of this.#handlers.types) this.#checkType(type);
    for (const options of this.#endpoints.all) checkSubscriptions(options);
    const [gateway] = this.#handlers.gateways;
    if (gateway === undefined || isHandshakeAdapter(this.#config.getIoAdapter())) return;
    throw new TypeError(
      `${gateway.name} is a gateway, and nobody verifies its handshakes: write app.useWebSocketAdapter(` +
        "new AuthModesWsAdapter(app)), which is of @authmodes/nestjs/ws",
    );
  }

  #checkType(type: Type): void {
    const methods = this.#handlers.methodsOf(type);
    for (const method of methods) this.#checkMethod(method);
    const decorator = decoratorOn(type);
    if (decorator === undefined || methods.some(({ kind }) => kind !== undefined)) return;
    throw new TypeError(
      `${type.name}: ${decorator} guards nothing here, since Nest serves none of its methods`,
    );
  }

  #checkMethod(method: Method): void {
    const { type, name, handler, kind } = method;
    const decorator = decoratorOn(handler) ?? (kind === undefined ? undefined : decoratorOn(type));
    if (decorator === undefined) return;
    if (kind === undefined) {
      throw new TypeError(
        `${type.name}.${name}: ${decorator} guards nothing here, since Nest does not serve it`,
      );
    }
    const route = this.#routes.of(type, handler);
    if (kind === "field") this.#checkField(method, decorator, route);
    if (route.rule !== undefined) this.#checkRule(method, route);
  }

  #checkField({ type, name }: Method, decorator: string, { rule }: Route): void {
    const wanted = rule === undefined ? ["guards"] : ["guards", "interceptors"];
    const enabled = this.#endpoints.all.every(({ fieldResolverEnhancers = [] }) =>
      wanted.every((enhancer) => fieldResolverEnhancers.includes(enhancer)),
    );
    if (enabled) return;
    const words = wanted.map((enhancer) => `"${enhancer}"`).join(", ");
    throw new TypeError(
      `${type.name}.${name}: ${decorator} guards no field unless GraphQLModule.forRoot({ ` +
        `fieldResolverEnhancers: [${words}] }) says so`,
    );
  }

  #checkRule({ type, name, kind }: Method, { rule, guarded }: Route): void {
    this.#accesses.check(rule?.options.load);
    if (guarded === undefined || kind !== "route" || !answersByItself(type, name)) return;
    if (!isList(guarded.operation) && !guarded.handlerDecides) return;
    throw new TypeError(
      `${type.name}.${name}: with @Res() the answer is gone before it is seen whether it was decided about; ` +
        "return it instead, or write @Res({ passthrough: true })",
    );
  }
}

function decoratorOn(target: object): string | undefined {
  return decorators.find(([key]) => Reflect.hasMetadata(key, target))?.[1];
}

/** A GraphQL socket runs any operation, and its handshake is none of Nest's. */
function checkSubscriptions({ subscriptions = {} }: GraphQLOptions): void {
  for (const [name, options] of Object.entries(subscriptions)) {
    if (options === false || options === undefined) continue;
    if (typeof (options as { onConnect?: unknown }).onConnect === "function") continue;
    throw new TypeError(
      `GraphQLModule: nobody verifies who opens the sockets of '${name}'. Give it an onConnect that does: ` +
        "({ extra }) => auth.authenticate(nodeView(extra.request, auth.publicUrl)).then(() => true)",
    );
  }
}
