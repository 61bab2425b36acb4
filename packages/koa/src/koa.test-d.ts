import { Router } from "@koa/router";
import Koa from "koa";
import { expectTypeOf } from "vitest";
import {
  type Access,
  apiKey,
  authenticate,
  type AuthState,
  createAllow,
  createAuth,
  getAccess,
  getIdentity,
  iam,
  type ApiKeyIdentity,
  type IamIdentity,
} from "./index.ts";

const auth = createAuth([apiKey({ keys: [] }), iam({ region: "us-east-1", credentials: () => undefined })]);
const allow = createAllow(auth);

const app = new Koa();
app.use(authenticate(auth)).use((ctx) => {
  expectTypeOf(ctx.state.identity).toEqualTypeOf<ApiKeyIdentity | IamIdentity>();
});

const router = new Router<AuthState<typeof auth>>();
router.get("/", (ctx) => {
  expectTypeOf(ctx.state.identity).toEqualTypeOf<ApiKeyIdentity | IamIdentity>();
  expectTypeOf(getIdentity(ctx, auth.only("apiKey"))).toEqualTypeOf<ApiKeyIdentity>();
});
router.get("/machine", authenticate(auth.only("iam")), (ctx) => {
  ctx.body = ctx.state.identity.userArn;
  expectTypeOf(ctx.state.identity.mode).toEqualTypeOf<"iam">();
});
const load = async (): Promise<null> => null;
router.get("/notes/:id", allow("get", "Note", { load }), (ctx) => {
  expectTypeOf(getAccess(ctx)).toEqualTypeOf<Access>();
  expectTypeOf(ctx.state.identity).toEqualTypeOf<ApiKeyIdentity | IamIdentity>();
  expectTypeOf(ctx.params["id"]).toEqualTypeOf<string | undefined>();
});
router.get("/both/:id", authenticate(auth.only("iam")), allow("list", "Note"), (ctx) => {
  expectTypeOf(ctx.state.identity.mode).toEqualTypeOf<"iam">();
  expectTypeOf(getAccess(ctx)).toEqualTypeOf<Access>();
});
app.use(router.routes());

const untyped = new Router();
untyped.get("/x", authenticate(auth.only("iam")), allow("list", "Note"), (ctx) => {
  expectTypeOf(getIdentity(ctx, auth)).toEqualTypeOf<ApiKeyIdentity | IamIdentity>();
  ctx.body = getAccess(ctx).filter;
});

// Requirements and options that would guard nothing.
// @ts-expect-error misspelt
authenticate(auth, { group: ["Admins"] });
// @ts-expect-error a list
authenticate(auth, { scopes: "read" });
// @ts-expect-error not set
authenticate(auth, { groups: [process.env["ADMINS"]] });
// @ts-expect-error misspelt
allow("get", "Note", { laod: load });
// @ts-expect-error a word of other libraries
allow("read", "Note", { load });
