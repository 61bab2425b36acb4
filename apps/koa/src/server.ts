import {
  cors,
  countBytes,
  describeIdentity,
  errorReply,
  HttpError,
  type HttpReply,
  maxBodyBytes,
  type Shop,
  type ShopModel,
} from "@authmodes/app-shared";
import {
  type Allow,
  type AllowContext,
  type Auth,
  authenticate,
  AuthError,
  type AuthState,
  corsHeaders,
  createAllow,
  getAccess,
  getView,
  type Identity,
  protectedResource,
} from "@authmodes/koa";
import { createAuthFetch, outbound } from "@authmodes/koa/outbound";
import { bodyParser } from "@koa/bodyparser";
import { Router } from "@koa/router";
import Koa, { type Context, type Middleware } from "koa";
import { createShopAuth, identifying } from "./auth.ts";
import { connect } from "./connect.ts";

type ShopRouter = Router<AuthState<ReturnType<typeof createShopAuth>>>;

/** The bookstore on Koa. */
export function createServer(shop: Shop, auth: Auth<Identity> = createShopAuth(shop)): Koa {
  const app = new Koa();
  app.use(errors(shop));
  app.use(connect(shop.page)).use(connect(shop.log(auth))); // of the demo
  app.use(connect(cors(corsHeaders(auth))));
  // Tells MCP clients how to sign in.
  if (shop.errorFormat !== "appsync") app.use(connect(protectedResource(auth).node));

  const router: ShopRouter = new Router();
  router.get("/health", (ctx) => {
    ctx.body = { ok: true };
  });

  router.use("/public", authenticate(auth));
  router.get("/public/ping", (ctx) => {
    ctx.body = { mode: ctx.state.identity.mode };
  });

  router.use("/suppliers", authenticate(auth.only("userPool"), { groups: ["Librarians"] }));
  router.get("/suppliers/:mode", async (ctx) => {
    const { mode = "" } = ctx.params;
    const { origin, urlFor, sourceFor } = shop.supplier;
    const source = mode === "forward" ? outbound.forward(getView(ctx)) : sourceFor(mode);
    const callSupplier = createAuthFetch(source, { origins: [origin] }); // no other origin gets the credentials
    const answer = await callSupplier(urlFor(mode));
    ctx.body = { status: answer.status, body: await answer.json() };
  });

  // Requests without credentials are rejected from here on.
  const known = auth.only(...identifying);
  const paths = ["/whoami", "/graphql", "/mcp", ...shop.models.map((model) => model.path)];
  router.use(paths, authenticate(known));

  router.use(readable);
  router.all("/whoami{/*below}", async (ctx) => {
    ctx.body = { ...describeIdentity(ctx.state.identity), bytes: await countBytes(ctx.req) };
  });

  router.post("/graphql", json, async (ctx) => {
    answer(ctx, await shop.graphql(known, getView(ctx), ctx.request.body));
  });

  router.all("/mcp", json, async (ctx) => {
    answer(ctx, await shop.mcp(known, getView(ctx), ctx.request.body));
  });

  const allow = createAllow(known);
  for (const model of shop.models) serveModel(router, model, allow);

  // A route, because middleware of a path runs only if a route matches.
  router.all("/{*any}", () => {
    throw new HttpError(404, "There is no such route");
  });
  app.use(router.routes());
  return app;
}

const json = bodyParser({
  enableTypes: ["json"],
  jsonLimit: maxBodyBytes,
  onError(error) {
    throw Object.assign(error, { expose: true }); // the client may read what is wrong with its JSON
  },
});

/**
 * The routes of a model. `allow` asks its rules in schema.graphql, such as `type Order @auth(rules: [{ allow: owner }])`:
 * a handler runs only if they allow the request.
 */
function serveModel(router: ShopRouter, { name, path, records }: ShopModel, allow: Allow): void {
  const one = `${path}/:id`;
  const idOf = ({ params }: Pick<AllowContext, "params">) => String(params["id"]);
  const load = (ctx: AllowContext) => records.get(idOf(ctx));

  router.get(path, allow("list", name), async (ctx) => {
    const { filter, mask } = getAccess(ctx);
    const { items, cursor } = await records.list(filter, ctx.url);
    ctx.body = { items: items.map(mask), cursor };
  });

  router.post(path, json, allow("create", name), async (ctx) => {
    const { input, mask } = getAccess(ctx);
    ctx.status = 201;
    ctx.body = mask(await records.create(input));
  });

  router.get(one, allow("get", name, { load }), (ctx) => {
    const { record, mask } = getAccess(ctx);
    ctx.body = mask(record);
  });

  router.patch(one, json, allow("update", name, { load }), async (ctx) => {
    const { input, filter, mask } = getAccess(ctx);
    ctx.body = mask(await records.update(idOf(ctx), input, filter));
  });

  router.delete(one, allow("delete", name, { load }), async (ctx) => {
    await records.remove(idOf(ctx), getAccess(ctx).filter);
    ctx.status = 204;
  });
}

/** The router passes on names that it cannot decode. */
const readable: Middleware = (ctx, next) => {
  try {
    decodeURIComponent(ctx.path);
  } catch {
    throw new HttpError(400, "The path cannot be decoded");
  }
  return next();
};

/** Answers errors that are not about credentials. `@authmodes/koa` answers rejections itself. */
function errors({ errorFormat }: Shop): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (error instanceof AuthError || ctx.headerSent) throw error;
      answer(ctx, errorReply(error, errorFormat));
    }
  };
}

function answer(ctx: Pick<Context, "status" | "set" | "body">, { status, headers, body }: HttpReply): void {
  ctx.status = status;
  ctx.set({ ...headers });
  ctx.body = body;
}
