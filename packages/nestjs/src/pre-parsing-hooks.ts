import type { IncomingMessage } from "node:http";
import { admits } from "@authmodes/core/adapter";
import { Inject, Injectable } from "@nestjs/common";
import { HttpAdapterHost } from "@nestjs/core";
import { GraphQLEndpoints } from "./graphql/graphql-endpoints.ts";
import { type Handler, Handlers } from "./handler-explorer.ts";
import type { Connect, ExpressAdapter, ExpressLayer, FastifyInstance } from "./platforms.ts";
import { type Route, Routes } from "./handler-requirements.ts";
import { Views } from "./views.ts";

/** What is asked of the caller, by a route or a GraphQL endpoint. */
type Asked = Pick<Route, "open" | "auth" | "needs">;

/** Where handlers keep what they ask of their callers: several entries if classes share a handler. */
const routesKey: unique symbol = Symbol("authmodes:routes");
/** What `@RouteConfig()` of @nestjs/platform-fastify writes: Fastify keeps it with the route, and not the handler. */
const fastifyConfigKey = "__fastify_route_config__";

interface GatedConfig {
  readonly [routesKey]?: readonly Route[];
}

/**
 * Nest's guards run once the body is parsed. A request that its guard will reject does not wait for that: its body is not
 * parsed, and the guard rejects it, so that filters see what they always see. If the route is not known, or is open, the
 * body is parsed.
 */
@Injectable()
export class BodyGate {
  readonly #handlers: Handlers;
  readonly #routes: Routes;
  readonly #views: Views;
  readonly #endpoints: GraphQLEndpoints;

  constructor(
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(Handlers) handlers: Handlers,
    @Inject(Routes) routes: Routes,
    @Inject(Views) views: Views,
    @Inject(GraphQLEndpoints) endpoints: GraphQLEndpoints,
  ) {
    this.#handlers = handlers;
    this.#routes = routes;
    this.#views = views;
    this.#endpoints = endpoints;
    // While the app is built: Nest registers parsers when it starts. A test's app gets its adapter after that.
    host.init$.subscribe(() => {
      const adapter = host.httpAdapter;
      if (!adapter) return;
      if (isExpress(adapter)) this.#wrapParsers(adapter);
      else this.#hookFastify(adapter.getInstance());
    });
  }

  /** Called before Nest makes routes of the handlers: it copies their metadata. */
  writeRoutes(): void {
    const found = new Map<Handler, Route[]>();
    for (const type of this.#handlers.types) {
      for (const { handler, kind } of this.#handlers.methodsOf(type)) {
        if (kind !== "route") continue;
        found.set(handler, [...(found.get(handler) ?? []), this.#routes.of(type, handler)]);
      }
    }
    for (const [handler, routes] of found) {
      const config = Reflect.getMetadata(fastifyConfigKey, handler) as object | undefined;
      Reflect.defineMetadata(routesKey, routes, handler);
      Reflect.defineMetadata(fastifyConfigKey, { ...config, [routesKey]: routes }, handler);
    }
  }

  /** The route is found already. Its handler starts with the guard. */
  #hookFastify(instance: FastifyInstance): void {
    instance.addHook("preParsing", (request, reply, payload, done) => {
      const { handler } = request.routeOptions;
      const config: GatedConfig | undefined = request.routeOptions.config;
      const routes: readonly Route[] = (hasBody(request.raw) && config?.[routesKey]) || [];
      if (routes.length === 0) return done(null, payload);
      const answer = async () => handler?.call(instance, request, reply);
      this.#isRejected(request.raw, routes).then((isRejected) => {
        if (isRejected) answer().catch(done);
        else done(null, payload);
      }, done);
    });
  }

  /** Parsers come before routes, so that the route has to be looked for. */
  #wrapParsers(adapter: ExpressAdapter): void {
    // Asked for late: making the router fixes the app's settings of it.
    const layers = () => adapter.getInstance().router.stack;
    for (const name of ["registerParserMiddleware", "useBodyParser"] as const) {
      const register = adapter[name].bind(adapter);
      adapter[name] = (...args) => {
        const known = layers().length;
        const result = register(...args);
        for (const layer of layers().slice(known)) layer.handle = this.#gated(layer.handle, layers);
        return result;
      };
    }
  }

  #gated(parser: Connect, layers: () => readonly ExpressLayer[]): Connect {
    const gate: Connect = (request, response, next) => {
      const routes = hasBody(request) ? this.#routesFor(request, layers()) : [];
      if (routes.length === 0) return parser(request, response, next);
      this.#isRejected(request, routes).then((isRejected) => {
        if (isRejected) next();
        else parser(request, response, next);
      }, next);
    };
    // Nest looks for parsers by their names.
    return Object.defineProperty(gate, "name", { value: parser.name });
  }

  /** Every route that may get the request: with hosts and versions several have one path. */
  #routesFor(request: IncomingMessage, layers: readonly ExpressLayer[]): readonly Asked[] {
    const { method = "GET", url = "/" } = request;
    const path = url.split("?", 1)[0] ?? "/";
    if (this.#endpoints.serve(path)) return [{ open: false, auth: this.#routes.signedIn, needs: undefined }];
    const handlers = layers.flatMap((layer) => handlersOf(layer, method, path));
    const routes = handlers.map(routesOf);
    return routes.some(({ length }) => length === 0) ? [] : routes.flat();
  }

  async #isRejected(request: IncomingMessage, routes: readonly Asked[]): Promise<boolean> {
    const view = this.#views.ofRequest(request);
    for (const { open, auth, needs } of routes) if (open || (await admits(auth, view, needs))) return false;
    return true;
  }
}

function isExpress<A extends HttpAdapterHost["httpAdapter"]>(adapter: A): adapter is A & ExpressAdapter {
  return adapter.getType() === "express";
}

function hasBody({ headers }: IncomingMessage): boolean {
  const { "content-length": length = "0", "transfer-encoding": transferEncoding } = headers;
  return transferEncoding !== undefined || length !== "0";
}

function routesOf(handler: object): readonly Route[] {
  return (Reflect.getMetadata(routesKey, handler) ?? []) as readonly Route[];
}

/** A path that cannot be decoded throws, as it does again in the router. */
function handlersOf(layer: ExpressLayer, method: string, path: string): readonly object[] {
  const { route } = layer;
  if (route === undefined || !route._handlesMethod(method) || !layer.match(path)) return [];
  return route.stack.map(({ handle }) => handle);
}
