import { logLine } from "@authmodes/core";
import { logRejections } from "@authmodes/core/adapter";
import { checkOptionNames } from "@authmodes/core/options";
import {
  type DynamicModule,
  type FactoryProvider,
  Global,
  Inject,
  Logger,
  Module,
  type ModuleMetadata,
  type NestModule,
} from "@nestjs/common";
import { APP_FILTER, APP_GUARD, ApplicationConfig, DiscoveryModule } from "@nestjs/core";
import { AuthErrorFilter } from "./auth-error.filter.ts";
import { AuthModesGuard } from "./auth-modes.guard.ts";
import { AUTH, AUTH_OPTIONS, type AuthModesOptions, checkOptions } from "./auth-modes.options.ts";
import { EnhancerSetup } from "./enhancers.ts";
import { GraphQLEndpoints } from "./graphql/graphql-endpoints.ts";
import { HandlerExplorer } from "./handler-explorer.ts";
import { RequirementsReader, writeRouteMetadata } from "./handler-requirements.ts";
import { PreParsingHooks } from "./pre-parsing-hooks.ts";
import { StartupChecks } from "./startup-checks.ts";

/** Options of `AuthModesModule.forRootAsync`. */
export interface AuthModesAsyncOptions
  extends Pick<ModuleMetadata, "imports">, Pick<FactoryProvider<AuthModesOptions>, "useFactory" | "inject"> {}

const logger = new Logger("AuthModes");

/** Replaced by those of `forRoot` and `forRootAsync`. */
const missingOptions: FactoryProvider = {
  provide: AUTH_OPTIONS,
  useFactory: () => {
    throw new TypeError("AuthModesModule is imported with its auth: AuthModesModule.forRoot({ auth })");
  },
};

/**
 * Guards everything that an app serves: routes, resolvers, GraphQL endpoints, WebSocket gateways and messages. Import it once,
 * in the app's module.
 * @example
 * import { apiKey, AuthModesModule, createAuth } from "@authmodes/nestjs";
 * import { Module } from "@nestjs/common";
 *
 * const auth = createAuth([apiKey({ keys: [{ id: "partner", hash: process.env["API_KEY_HASH"] ?? "", expiresAt: null }] })]);
 *
 * @Module({ imports: [AuthModesModule.forRoot({ auth })] })
 * export class AppModule {}
 */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    missingOptions,
    { provide: AUTH, useFactory: ({ auth }: AuthModesOptions) => auth, inject: [AUTH_OPTIONS] },
    RequirementsReader,
    HandlerExplorer,
    EnhancerSetup,
    GraphQLEndpoints,
    PreParsingHooks,
    StartupChecks,
    AuthModesGuard,
    AuthErrorFilter,
    { provide: APP_GUARD, useExisting: AuthModesGuard },
    { provide: APP_FILTER, useExisting: AuthErrorFilter },
  ],
  exports: [AUTH],
})
export class AuthModesModule implements NestModule {
  @Inject(ApplicationConfig) private readonly config!: ApplicationConfig;
  @Inject(AuthErrorFilter) private readonly filter!: AuthErrorFilter;
  @Inject(GraphQLEndpoints) private readonly endpoints!: GraphQLEndpoints;
  @Inject(HandlerExplorer) private readonly explorer!: HandlerExplorer;
  @Inject(RequirementsReader) private readonly requirements!: RequirementsReader;

  /** @throws TypeError if an option is missing or misspelt */
  static forRoot(options: AuthModesOptions): DynamicModule {
    const useValue = checkOptions(options);
    return { module: AuthModesModule, providers: [{ provide: AUTH_OPTIONS, useValue }] };
  }

  /**
   * As `forRoot`, with options that a factory makes from other providers.
   * @throws TypeError if an option is misspelt or has no value
   */
  static forRootAsync(options: AuthModesAsyncOptions): DynamicModule {
    const where = "AuthModesModule.forRootAsync()";
    checkOptionNames(where, options, ["imports", "inject", "useFactory"]);
    const { imports = [], inject = [], useFactory } = options;
    if (typeof useFactory !== "function") {
      throw new TypeError(`${where}: useFactory is a function that returns { auth }`);
    }
    const factory: FactoryProvider = {
      provide: AUTH_OPTIONS,
      useFactory: async (...args) => checkOptions(await useFactory(...args)),
      inject,
    };
    return { module: AuthModesModule, imports, providers: [factory] };
  }

  /** Nest calls it once the app's own middleware and filters are known, before there are routes. */
  configure(): void {
    // Nest asks the last global filter first: a filter of the app that catches everything comes after ours.
    this.config.useGlobalFilters(this.filter);
    this.endpoints.guard();
    logRejections(this.requirements.auth, (event) => {
      const isOurs = event.code === "unavailable" || event.code === "misconfigured";
      logger[isOurs ? "error" : "warn"](logLine(event));
    });
    writeRouteMetadata(this.explorer, this.requirements);
  }
}
