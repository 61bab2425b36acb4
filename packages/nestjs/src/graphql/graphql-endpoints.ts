import type { IncomingMessage, ServerResponse } from "node:http";
import { AuthError } from "@authmodes/core";
import { Inject, Injectable } from "@nestjs/common";
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from "@nestjs/core";
import { formattingRefusals } from "./graphql-errors.ts";
import type { Connect, FastifyInstance, FastifyReply } from "../platforms.ts";
import { sendReply } from "../reply.ts";
import { Routes } from "../handler-requirements.ts";
import { beginRequest, requests } from "../adapter.ts";
import { Views } from "../views.ts";

/** The options of `GraphQLModule`, by the token under which it keeps them. */
const optionsToken = "GqlModuleOptions";

export interface GraphQLOptions {
  readonly path?: string;
  readonly useGlobalPrefix?: boolean;
  readonly fieldResolverEnhancers?: readonly string[];
  readonly subscriptions?: Readonly<Record<string, unknown>>;
  formatError?: Parameters<typeof formattingRefusals>[0];
}

/**
 * Nobody gets past a GraphQL endpoint unknown: introspection, `__typename` and fields without a resolver run no guard.
 */
@Injectable()
export class GraphQLEndpoints {
  readonly #routes: Routes;
  readonly #views: Views;
  readonly #adapterHost: HttpAdapterHost;
  readonly #config: ApplicationConfig;
  readonly #modules: ModulesContainer;
  #paths: readonly string[] = [];

  constructor(
    @Inject(Routes) routes: Routes,
    @Inject(Views) views: Views,
    @Inject(HttpAdapterHost) adapterHost: HttpAdapterHost,
    @Inject(ApplicationConfig) config: ApplicationConfig,
    @Inject(ModulesContainer) modules: ModulesContainer,
  ) {
    this.#routes = routes;
    this.#views = views;
    this.#adapterHost = adapterHost;
    this.#config = config;
    this.#modules = modules;
  }

  /** The options of every `GraphQLModule` of the app. */
  get all(): readonly GraphQLOptions[] {
    return [...this.#modules.values()].flatMap(
      (module) => (module.providers.get(optionsToken)?.instance as GraphQLOptions | undefined) ?? [],
    );
  }

  /** Called before the modules of GraphQL put up their endpoints. */
  guard(): void {
    const paths = (this.#paths = this.all.map((options) => {
      options.formatError = formattingRefusals(options.formatError);
      return this.#pathOf(options);
    }));
    if (paths.length === 0) return;
    const adapter = this.#adapterHost.httpAdapter;
    if (adapter.getType() === "fastify") this.#guardRoutes(adapter.getInstance(), new Set(paths));
    else for (const path of paths) adapter.use(path, this.#middleware);
  }

  /** Whether an endpoint has this path. */
  serve(path: string): boolean {
    return this.#paths.includes(path);
  }

  readonly #middleware: Connect = (request, response, next) => {
    this.#admit(request, response).then((admitted) => admitted && next(), next);
  };

  /** By the route that was found, which is surer than to match the path once more. */
  #guardRoutes(instance: FastifyInstance, paths: ReadonlySet<string>): void {
    instance.addHook("preParsing", (request, reply, payload, done) => {
      if (!paths.has(request.routeOptions.url ?? "")) return done(null, payload);
      this.#admit(request.raw, reply).then((admitted) => admitted && done(null, payload), done);
    });
  }

  async #admit(request: IncomingMessage, response: ServerResponse | FastifyReply): Promise<boolean> {
    const auth = this.#routes.signedIn;
    beginRequest(request, auth, this.#views.ofRequest(request));
    try {
      await requests.authenticate(request, { auth, needs: undefined });
      return true;
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      sendReply(response, error.reply);
      return false;
    }
  }

  #pathOf({ path = "/graphql", useGlobalPrefix = false }: GraphQLOptions): string {
    const prefix = useGlobalPrefix ? this.#config.getGlobalPrefix() : "";
    return `${withSlash(prefix)}${withSlash(path)}` || "/";
  }
}

function withSlash(path: string): string {
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  return trimmed === "" ? "" : `/${trimmed}`;
}
