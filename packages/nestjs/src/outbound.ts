import { type AuthFetchOptions, createAuthFetch, type HeaderSource } from "@authmodes/core/outbound";
import {
  type DynamicModule,
  type FactoryProvider,
  Global,
  Inject,
  Module,
  type ModuleMetadata,
} from "@nestjs/common";

// An entry point of its own: a server that only verifies loads no code that signs.

export * from "@authmodes/core/outbound";

/** Options of a registered client. */
export interface ClientOptions extends AuthFetchOptions {
  /** The source of the credentials, such as `outbound.iam({ … })`. */
  readonly source: HeaderSource;
}

/** Options of `AuthClientsModule.registerAsync`. */
export interface ClientAsyncOptions
  extends Pick<ModuleMetadata, "imports">, Pick<FactoryProvider<ClientOptions>, "useFactory" | "inject"> {}

/**
 * Returns the injection token of a client, for `inject` of a factory.
 * @example
 * import { clientToken } from "@authmodes/nestjs/outbound";
 *
 * export const stock = {
 *   provide: "STOCK",
 *   inject: [clientToken("suppliers")],
 *   useFactory: (suppliers: typeof fetch) => () => suppliers("https://supplier.example.com/stock"),
 * };
 */
export function clientToken(name: string): string {
  return `AuthModesClient:${name}`;
}

/**
 * Injects the `fetch` of a registered client.
 * @example
 * import { InjectClient } from "@authmodes/nestjs/outbound";
 * import { Injectable } from "@nestjs/common";
 *
 * @Injectable()
 * export class Orders {
 *   readonly #suppliers: typeof fetch;
 *
 *   constructor(@InjectClient("suppliers") suppliers: typeof fetch) {
 *     this.#suppliers = suppliers;
 *   }
 *
 *   all(): Promise<Response> {
 *     return this.#suppliers("https://supplier.example.com/orders");
 *   }
 * }
 */
export function InjectClient(name: string): ReturnType<typeof Inject> {
  return Inject(clientToken(name));
}

/**
 * Registers clients of other services by name, for the whole app.
 * @example
 * import { AuthClientsModule, outbound } from "@authmodes/nestjs/outbound";
 * import { Module } from "@nestjs/common";
 *
 * const source = outbound.apiKey({ key: process.env["SUPPLIER_KEY"] ?? "" });
 *
 * @Module({
 *   imports: [AuthClientsModule.register("suppliers", { source, origins: ["https://supplier.example.com"] })],
 * })
 * export class AppModule {}
 */
@Global()
@Module({})
export class AuthClientsModule {
  /** @throws TypeError if the options are wrong */
  static register(name: string, options: ClientOptions): DynamicModule {
    const provide = clientToken(name);
    const providers = [{ provide, useValue: clientOf(options) }];
    return { module: AuthClientsModule, providers, exports: [provide] };
  }

  /** As `register`, with options that a factory makes from other providers. */
  static registerAsync(name: string, options: ClientAsyncOptions): DynamicModule {
    const { imports = [], inject = [], useFactory } = options;
    const provider: FactoryProvider = {
      provide: clientToken(name),
      useFactory: async (...args) => clientOf(await useFactory(...args)),
      inject,
    };
    return { module: AuthClientsModule, imports, providers: [provider], exports: [provider.provide] };
  }
}

function clientOf({ source, ...options }: ClientOptions): typeof fetch {
  return createAuthFetch(source, options);
}

/** The options that make axios, and so `HttpModule` of `@nestjs/axios`, send requests through a client. */
export interface AxiosClientConfig {
  readonly adapter: "fetch";
  readonly env: { readonly fetch: typeof fetch };
}

/**
 * Makes the options of `HttpModule` of `@nestjs/axios` from a client. The client signs what axios sends, bodies too, and
 * follows redirects itself.
 * @example
 * import { axiosConfig, clientToken } from "@authmodes/nestjs/outbound";
 *
 * // HttpModule.registerAsync(options)
 * export const options = { inject: [clientToken("suppliers")], useFactory: axiosConfig };
 */
export function axiosConfig(client: typeof fetch): AxiosClientConfig {
  return {
    adapter: "fetch",
    env: { fetch: async (input, init) => sendRead(client, new Request(input, init)) },
  };
}

/** Axios passes a request whose body can be read once; signing and sending it needs the body twice. */
async function sendRead(client: typeof fetch, request: Request): Promise<Response> {
  const { url, method, headers, redirect, signal } = request;
  const body = request.body === null ? null : await request.arrayBuffer();
  return client(url, { method, headers, redirect, signal, body });
}
