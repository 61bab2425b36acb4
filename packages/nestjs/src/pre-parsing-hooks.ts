import type { IncomingMessage } from "node:http";
import { type Auth, nodeView } from "@authmodes/core";
import { admits, letParsersRead, readsBody, verifyAhead } from "@authmodes/core/adapter";
import { Inject, Injectable } from "@nestjs/common";
import { HttpAdapterHost } from "@nestjs/core";
import type { RequestHandler } from "express";
import type { FastifyInstance } from "fastify";
import { GraphQLEndpoints } from "./graphql/graphql-endpoints.ts";
import {
  type HandlerRequirements,
  requirementsIn,
  requirementsOn,
  RequirementsReader,
} from "./handler-requirements.ts";
import { addFastifyHook, addHook, type ExpressAdapter, type ExpressLayer, orAnswer } from "./platforms.ts";

/**
 * Nest's guards run after the body was parsed and its bytes are gone. Modes that read the body verify before that, and the
 * guard rejects: only the guard knows what the route requires. If the guard will reject a request, its body is not parsed, so
 * that the rejection does not wait for it. If the route is unknown or open, the body is parsed.
 */
@Injectable()
export class PreParsingHooks {
  readonly #requirements: RequirementsReader;
  @Inject(GraphQLEndpoints) private readonly endpoints!: GraphQLEndpoints;

  constructor(
    @Inject(RequirementsReader) requirements: RequirementsReader,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
  ) {
    this.#requirements = requirements;
    // While the app is built: Nest registers parsers when it starts. A test's app gets its adapter after that.
    host.init$.subscribe(() => {
      const { httpAdapter } = host;
      if (!httpAdapter) return;
      const platform = httpAdapter.getType();
      addVerification(httpAdapter, requirements.auth);
      if (isExpress(httpAdapter)) this.#wrapParsers(httpAdapter);
      else if (platform === "fastify") this.#hookFastify(httpAdapter.getInstance());
      else throw new TypeError(`AuthModesModule runs on Express and on Fastify, not on '${platform}'`);
    });
  }

  #hookFastify(instance: FastifyInstance): void {
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

  /** Parsers run before routes, so that the route has to be found here. */
  #wrapParsers(adapter: ExpressAdapter): void {
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

  #gated(parser: RequestHandler, layers: () => readonly ExpressLayer[]): RequestHandler {
    const gate: RequestHandler = (request, response, next) => {
      const parse = () => {
        letParsersRead(request);
        return parser(request, response, next);
      };
      const required = hasBody(request) ? this.#requirementsFor(request, layers()) : [];
      if (required.length === 0) return parse();
      return this.#isRejected(request, required).then((isRejected) => (isRejected ? next() : parse()));
    };
    // Nest looks for parsers by their names.
    return Object.defineProperty(gate, "name", { value: parser.name });
  }

  /** The requirements of every route that can get the request: with hosts and versions several have one path. */
  #requirementsFor(
    request: IncomingMessage,
    layers: readonly ExpressLayer[],
  ): readonly HandlerRequirements[] {
    const { method = "GET", url = "/" } = request;
    const path = url.split("?", 1)[0] ?? "/";
    if (this.endpoints.serve(path)) return [this.#requirements.defaults];
    // A path that cannot be decoded throws, as it does again in the router.
    const required = layers
      .flatMap((layer) => (layer.route?._handlesMethod(method) && layer.match(path) ? layer.route.stack : []))
      .map(({ handle }) => requirementsOn(handle));
    return required.some(({ length }) => length === 0) ? [] : required.flat();
  }

  async #isRejected(request: IncomingMessage, required: readonly HandlerRequirements[]): Promise<boolean> {
    const view = nodeView(request, this.#requirements.auth.publicUrl);
    for (const { open, auth, needs } of required) {
      if (open || (await admits(auth, view, needs))) return false;
    }
    return true;
  }
}

/** Verifies modes that read the body before it is parsed. */
function addVerification(adapter: HttpAdapterHost["httpAdapter"], auth: Auth): void {
  if (!readsBody(auth)) return;
  addHook(adapter, (request, response) => {
    const view = nodeView(request, auth.publicUrl);
    // Parsers would wait for the rest of a body that stopped arriving, so that the guard would never run. Fastify runs no
    // guard for a client that left in the middle of the body either; it is reported all the same.
    return verifyAhead(auth, view)?.then(
      (isWhole) => (isWhole && !request.destroyed) || orAnswer(response, () => auth.authenticate(view)),
    );
  });
}

function isExpress<A extends HttpAdapterHost["httpAdapter"]>(adapter: A): adapter is A & ExpressAdapter {
  return adapter.getType() === "express";
}

function hasBody({ headers }: IncomingMessage): boolean {
  const { "content-length": length = "0", "transfer-encoding": transferEncoding } = headers;
  return transferEncoding !== undefined || length !== "0";
}
