import { checkOptionNames } from "@authmodes/core/adapter";
import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  type MiddlewareConsumer,
  Module,
  type ModuleMetadata,
  type NestModule,
  type OnModuleInit,
  Optional,
  type Provider,
} from "@nestjs/common";
import { APP_FILTER, APP_GUARD, ApplicationConfig, DiscoveryModule } from "@nestjs/core";
import { Accesses } from "./accesses.ts";
import { BodyGate } from "./pre-parsing-hooks.ts";
import { AuthErrorFilter } from "./auth-error.filter.ts";
import { GraphQLEndpoints } from "./graphql/graphql-endpoints.ts";
import { GuardNotes } from "./route-metadata.ts";
import { AuthModesGuard } from "./auth-modes.guard.ts";
import { Handlers } from "./handler-explorer.ts";
import { Handshakes } from "./handshakes.ts";
import { InterceptorSetup } from "./enhancers.ts";
import { AccessInterceptor } from "./access.interceptor.ts";
import { OwnGuards } from "./own-guards.ts";
import { AUTH, AUTH_OPTIONS, type AuthModesOptions, checkOptions } from "./auth-modes.options.ts";
import { Refusals } from "./rejections.ts";
import { Routes } from "./handler-requirements.ts";
import { StartupChecks } from "./startup-checks.ts";
import { VerifyAhead } from "./verify-ahead.ts";
import { Views } from "./views.ts";

export interface AuthModesAsyncOptions
  extends Pick<ModuleMetadata, "imports">, Pick<FactoryProvider<AuthModesOptions>, "useFactory" | "inject"> {}

const providers: Provider[] = [
  { provide: AUTH, useFactory: ({ auth }: AuthModesOptions) => auth, inject: [AUTH_OPTIONS] },
  Views,
  Routes,
  Accesses,
  Refusals,
  Handlers,
  Handshakes,
  OwnGuards,
  VerifyAhead,
  GraphQLEndpoints,
  BodyGate,
  StartupChecks,
  GuardNotes,
  AuthModesGuard,
  AuthErrorFilter,
  AccessInterceptor,
  InterceptorSetup,
  { provide: APP_GUARD, useExisting: AuthModesGuard },
  { provide: APP_FILTER, useExisting: AuthErrorFilter },
];

/**
 * Puts authentication before everything that an app serves: its routes, resolvers, GraphQL endpoints, WebSocket
 * gateways and messages. Import it once, in the app's module: `AuthModesModule.forRoot({ auth })`.
 */
@Module({})
export class AuthModesModule implements NestModule, OnModuleInit {
  readonly #config: ApplicationConfig;
  readonly #filter: AuthErrorFilter;
  readonly #endpoints: GraphQLEndpoints;
  readonly #checks: StartupChecks;
  readonly #notes: GuardNotes;
  readonly #gate: BodyGate;

  constructor(
    @Inject(ApplicationConfig) config: ApplicationConfig,
    @Optional() @Inject(AuthErrorFilter) filter: AuthErrorFilter | undefined,
    @Optional() @Inject(GraphQLEndpoints) endpoints: GraphQLEndpoints | undefined,
    @Optional() @Inject(StartupChecks) checks: StartupChecks | undefined,
    @Optional() @Inject(GuardNotes) notes: GuardNotes | undefined,
    @Optional() @Inject(BodyGate) gate: BodyGate | undefined,
  ) {
    if (!filter || !endpoints || !checks || !notes || !gate) {
      throw new TypeError("AuthModesModule is imported with its auth: AuthModesModule.forRoot({ auth })");
    }
    this.#config = config;
    this.#filter = filter;
    this.#endpoints = endpoints;
    this.#checks = checks;
    this.#notes = notes;
    this.#gate = gate;
  }

  /** @throws TypeError where an option is missing or not one */
  static forRoot(options: AuthModesOptions): DynamicModule {
    return dynamicModule({ provide: AUTH_OPTIONS, useValue: checkOptions(options) });
  }

  /**
   * As `forRoot`, with options that a factory makes of other providers.
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
    return dynamicModule(factory, imports);
  }

  /** Nest calls it once the app's own middleware and filters are known, before there are routes. */
  configure(_consumer: MiddlewareConsumer): void {
    // Of global filters the last one is asked first: one of the app's own that catches everything comes after ours.
    this.#config.useGlobalFilters(this.#filter);
    this.#endpoints.guard();
    this.#notes.write();
    this.#gate.writeRoutes();
  }

  onModuleInit(): void {
    this.#checks.run();
  }
}

function dynamicModule(options: Provider, imports: ModuleMetadata["imports"] = []): DynamicModule {
  return {
    module: AuthModesModule,
    global: true,
    imports: [DiscoveryModule, ...imports],
    providers: [options, ...providers],
    exports: [AUTH],
  };
}
