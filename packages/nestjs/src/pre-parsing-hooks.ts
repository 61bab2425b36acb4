import type { IncomingMessage } from "node:http";
import { type Auth, nodeView, type RequestView } from "@authmodes/core";
import { admits, readsBody, verifyAhead } from "@authmodes/core/adapter";
import { Inject, Injectable } from "@nestjs/common";
import { HttpAdapterHost } from "@nestjs/core";
import type { FastifyInstance } from "fastify";
import { AUTH } from "./auth-modes.options.ts";
import { GraphQLEndpoints } from "./graphql/graphql-endpoints.ts";
import { type HandlerRequirements, RequirementsReader } from "./handler-requirements.ts";
import {
  addFastifyHook,
  type Connect,
  type ExpressAdapter,
  type ExpressLayer,
  expressMiddleware,
  orAnswer,
  type Response,
} from "./platforms.ts";
import { requirementsIn, requirementsOn } from "./route-metadata.ts";

/**
 * Nest's guards run when the body is parsed and its bytes are gone. What reads the body is verified before that, and
 * rejected by the guard: only the guard knows what the route asks. A request that the guard will reject does not wait for
 * its body: the body is not parsed, and the guard rejects, so that filters see what they always see. If the route is not
 * known, or is open, the body is parsed.
 */
@Injectable()
export class PreParsingHooks {
  readonly #auth: Auth;
  readonly #defaults: HandlerRequirements;
  readonly #endpoints: GraphQLEndpoints;

  constructor(
    @Inject(AUTH) auth: Auth,
    @Inject(RequirementsReader) { defaults }: RequirementsReader,
    @Inject(GraphQLEndpoints) endpoints: GraphQLEndpoints,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
  ) {
    this.#auth = auth;
    this.#defaults = defaults;
    this.#endpoints = endpoints;
    // While the app is built: Nest registers parsers when it starts. A test's app gets its adapter after that.
    host.init$.subscribe(() => {
      const { httpAdapter } = host;
      if (!httpAdapter) return;
      if (isExpress(httpAdapter)) this.#hookExpress(httpAdapter);
      else if (httpAdapter.getType() === "fastify") this.#hookFastify(httpAdapter.getInstance());
      else
        throw new TypeError(
          `AuthModesModule runs on Express and on Fastify, not on '${httpAdapter.getType()}'`,
        );
    });
  }

  #hookFastify(instance: FastifyInstance): void {
    if (readsBody(this.#auth)) {
      addFastifyHook(instance, ({ raw }, reply) => this.#verifyAhead(raw, reply));
    }
    // The route is found already. Its handler starts with the guard.
    addFastifyHook(instance, (request, reply) => {
      const { config, handler } = request.routeOptions;
      const required = hasBody(request.raw) ? requirementsIn(config) : [];
      if (required.length === 0) return undefined;
      return this.#isRejected(request.raw, required).then(async (isRejected) => {
        if (isRejected) await handler.call(instance, request, reply);
        return !isRejected;
      });
    });
  }

  /** Parsers come before routes, so that the route has to be looked for. */
  #hookExpress(adapter: HttpAdapterHost["httpAdapter"] & ExpressAdapter): void {
    if (readsBody(this.#auth)) {
      adapter.use(expressMiddleware((request, response) => this.#verifyAhead(request, response)));
    }
    // Read late: making the router fixes the app's settings of it.
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

  /** Parsers would wait for the rest of a body that stopped arriving, so that the guard would never run. */
  #verifyAhead(request: IncomingMessage, response: Response): Promise<boolean> | undefined {
    const view = this.#viewOf(request);
    return verifyAhead(this.#auth, view)?.then(
      // Fastify runs no guard for a client that left in the middle of the body; it is reported all the same.
      (isWhole) => (isWhole && !request.destroyed) || orAnswer(response, () => this.#auth.authenticate(view)),
    );
  }

  #gated(parser: Connect, layers: () => readonly ExpressLayer[]): Connect {
    const gate: Connect = (request, response, next) => {
      const required = hasBody(request) ? this.#requirementsFor(request, layers()) : [];
      if (required.length === 0) return parser(request, response, next);
      this.#isRejected(request, required).then((isRejected) => {
        if (isRejected) next();
        else parser(request, response, next);
      }, next);
    };
    // Nest looks for parsers by their names.
    return Object.defineProperty(gate, "name", { value: parser.name });
  }

  /** Of every route that may get the request: with hosts and versions several have one path. */
  #requirementsFor(
    { method = "GET", url = "/" }: IncomingMessage,
    layers: readonly ExpressLayer[],
  ): readonly HandlerRequirements[] {
    const path = url.split("?", 1)[0] ?? "/";
    if (this.#endpoints.serve(path)) return [this.#defaults];
    const required = layers.flatMap((layer) => handlersOf(layer, method, path)).map(requirementsOn);
    return required.some(({ length }) => length === 0) ? [] : required.flat();
  }

  async #isRejected(request: IncomingMessage, required: readonly HandlerRequirements[]): Promise<boolean> {
    const view = this.#viewOf(request);
    for (const { open, auth, needs } of required) {
      if (open || (await admits(auth, view, needs))) return false;
    }
    return true;
  }

  #viewOf(request: IncomingMessage): RequestView {
    return nodeView(request, this.#auth.publicUrl);
  }
}

function isExpress<A extends HttpAdapterHost["httpAdapter"]>(adapter: A): adapter is A & ExpressAdapter {
  return adapter.getType() === "express";
}

function hasBody({ headers }: IncomingMessage): boolean {
  const { "content-length": length = "0", "transfer-encoding": transferEncoding } = headers;
  return transferEncoding !== undefined || length !== "0";
}

/** A path that cannot be decoded throws, as it does again in the router. */
function handlersOf(layer: ExpressLayer, method: string, path: string): readonly object[] {
  const { route } = layer;
  if (route === undefined || !route._handlesMethod(method) || !layer.match(path)) return [];
  return route.stack.map(({ handle }) => handle);
}
