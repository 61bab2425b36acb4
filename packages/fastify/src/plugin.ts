import { type Auth, AuthError, type IdentityBase, type IdentityOf, type Requirements } from "@authmodes/core";
import { checkOptionNames, must } from "@authmodes/core/options";
import type { FastifyInstance, FastifyPluginAsync, FastifyTypeProvider } from "fastify";
import { adapter, authenticate, reject } from "./fastify.ts";

declare module "fastify" {
  interface FastifyRequest<RouteGeneric, RawServer, RawRequest, SchemaCompiler, TypeProvider> {
    /**
     * The caller that the last `authenticate` accepted, typed by an `AuthTypeProvider`. Reading it throws if there is none.
     */
    readonly identity: TypeProvider extends { readonly identity: infer I } ? I : IdentityBase;
  }
}

/** Types `request.identity`: `Fastify().withTypeProvider<AuthTypeProvider<typeof auth>>()`. */
export interface AuthTypeProvider<A> extends FastifyTypeProvider {
  readonly identity: IdentityOf<A>;
}

/** Options of the plugin `authModes`. */
export interface AuthModesOptions {
  /** Guards every route of the scope, those of scopes below it too. Without it routes are guarded by `authenticate`. */
  readonly auth?: Auth;
  /** Groups and scopes that the caller must have. */
  readonly needs?: Requirements;
}

const mistake = "request.identity was read, but no authenticate() ran for the request";
const isInstalled: symbol = Symbol("@authmodes/fastify");

/**
 * Guards the scope in which it is registered, attaches the identity to its requests, and answers rejections that handlers
 * throw in the auth's `errorFormat`. Other errors go to the app's error handlers. Await the registration.
 * @throws TypeError if an option is misspelt or undefined, or if `needs` would guard nothing
 * @example
 * import { apiKey, authModes, type AuthTypeProvider, createAuth } from "@authmodes/fastify";
 * import Fastify from "fastify";
 *
 * const auth = createAuth([apiKey({ keys: [{ id: "partner", hash: process.env["API_KEY_HASH"] ?? "", expiresAt: null }] })]);
 * const app = Fastify().withTypeProvider<AuthTypeProvider<typeof auth>>();
 * await app.register(authModes, { auth });
 * app.get("/me", async ({ identity }) => identity.id);
 */
export const authModes: FastifyPluginAsync<AuthModesOptions> = Object.assign(register, {
  // Its hooks and decorators belong to the scope that registers it.
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "@authmodes/fastify",
});

async function register(app: FastifyInstance, options: AuthModesOptions): Promise<void> {
  const where = "app.register(authModes, options)";
  checkOptionNames(where, options, ["auth", "needs"]);
  must(
    options.auth !== undefined || options.needs === undefined,
    `${where}: needs guards nothing without auth`,
  );
  if (!app.hasDecorator(isInstalled)) install(app);
  if (options.auth !== undefined) app.addHook("onRequest", authenticate(options.auth, options.needs));
}

function install(app: FastifyInstance): void {
  app.decorate(isInstalled, true);
  // A getter of the prototype: requests keep their shape.
  app.decorateRequest("identity", {
    getter() {
      return adapter.identity(this, undefined, mistake);
    },
  });
  app.addHook("onRoute", (route) => {
    const own = route.errorHandler;
    route.errorHandler = function answerRejections(error, request, reply) {
      if (own === undefined || error instanceof AuthError) return reject(error, reply);
      return own.call(this, error, request, reply);
    };
  });
}
