import type { IncomingMessage } from "node:http";
import { Inject, Injectable } from "@nestjs/common";
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from "@nestjs/core";
import { requests } from "../adapter.ts";
import { RequirementsReader } from "../handler-requirements.ts";
import { addHook, orAnswer, type HttpResponse } from "../platforms.ts";
import { formattingRejections } from "./graphql-errors.ts";

/** The token under which `GraphQLModule` keeps its options. */
const optionsToken = "GqlModuleOptions";

export interface GraphQLOptions {
  readonly path?: string;
  readonly useGlobalPrefix?: boolean;
  readonly fieldResolverEnhancers?: readonly string[];
  readonly subscriptions?: Readonly<Record<string, unknown>>;
  formatError?: Parameters<typeof formattingRejections>[0];
}

/** Verifies each request to a GraphQL endpoint: introspection, `__typename` and fields without a resolver run no guard. */
@Injectable()
export class GraphQLEndpoints {
  @Inject(RequirementsReader) private readonly requirements!: RequirementsReader;
  @Inject(HttpAdapterHost) private readonly adapterHost!: HttpAdapterHost;
  @Inject(ApplicationConfig) private readonly config!: ApplicationConfig;
  @Inject(ModulesContainer) private readonly modules!: ModulesContainer;
  #paths: readonly string[] = [];

  /** The options of every `GraphQLModule` of the app. */
  get options(): readonly GraphQLOptions[] {
    return [...this.modules.values()].flatMap(
      (module) => (module.providers.get(optionsToken)?.instance as GraphQLOptions | undefined) ?? [],
    );
  }

  /** Called before the GraphQL modules register their endpoints. */
  guard(): void {
    this.#paths = this.options.map((options) => {
      options.formatError = formattingRejections(options.formatError);
      const prefix = options.useGlobalPrefix === true ? this.config.getGlobalPrefix() : "";
      return `${withSlash(prefix)}${withSlash(options.path ?? "/graphql")}` || "/";
    });
    if (this.#paths.length === 0) return;
    const admit = (request: IncomingMessage, response: HttpResponse): Promise<boolean> =>
      orAnswer(response, () => requests.authenticate(request, this.requirements.defaults));
    addHook(this.adapterHost.httpAdapter, admit, this.#paths);
  }

  /** Whether an endpoint has this path. */
  serve(path: string): boolean {
    return this.#paths.includes(path);
  }
}

function withSlash(path: string): string {
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  return trimmed === "" ? "" : `/${trimmed}`;
}
