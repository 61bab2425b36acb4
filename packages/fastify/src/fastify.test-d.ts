import Fastify, { type FastifyRequest, type FastifyTypeProvider } from "fastify";
import { expectTypeOf } from "vitest";
import {
  type Access,
  apiKey,
  type ApiKeyIdentity,
  authenticate,
  authModes,
  type AuthTypeProvider,
  createAllow,
  createAuth,
  getAccess,
  getIdentity,
  iam,
  type IamIdentity,
  type IdentityBase,
} from "./index.ts";

const auth = createAuth([apiKey({ keys: [] }), iam({ region: "us-east-1", credentials: () => undefined })]);
const machines = auth.only("iam");
const allow = createAllow(auth);

const app = Fastify().withTypeProvider<AuthTypeProvider<typeof auth>>();
app.register(authModes, { auth });
app.get("/", (request) => {
  expectTypeOf(request.identity).toEqualTypeOf<ApiKeyIdentity | IamIdentity>();
  // @ts-expect-error not of every mode
  expectTypeOf(request.identity.userArn);
  // @ts-expect-error set by authenticate() alone
  request.identity = getIdentity(request, auth);
  if (request.identity.mode === "iam") expectTypeOf(request.identity.userArn).toBeString();
});
app.get("/machine", { onRequest: authenticate(machines) }, async (request) => {
  expectTypeOf(getIdentity(request, machines)).toEqualTypeOf<IamIdentity>();
});
app.register((scope, _options, done) => {
  const narrowed = scope.withTypeProvider<AuthTypeProvider<typeof machines>>();
  narrowed.register(authModes, { auth: machines, needs: { groups: ["Admins"] } });
  narrowed.addHook("preHandler", async (request) => {
    expectTypeOf(request.identity).toEqualTypeOf<IamIdentity>();
  });
  done();
});

// Of a server whose type names no auth: what all identities have.
const untyped = Fastify();
untyped.addHook("onRequest", authenticate(machines));
untyped.get("/", (request) => {
  expectTypeOf(request.identity).toEqualTypeOf<IdentityBase>();
});

// Beside another type provider, whose schemas still type the rest of the request.
interface SchemaTypes extends FastifyTypeProvider {
  readonly validator: this["schema"] extends { readonly of: infer T } ? T : unknown;
}
const both = Fastify().withTypeProvider<SchemaTypes & AuthTypeProvider<typeof auth>>();
const schema = { params: { of: { id: 7 } } };
both.get("/:id", { schema, preHandler: allow("list", "Note") }, (request) => {
  expectTypeOf(request.params).toEqualTypeOf<{ id: number }>();
  expectTypeOf(request.identity).toEqualTypeOf<ApiKeyIdentity | IamIdentity>();
});

// The type of a route reaches the options of allow(), or the other way round.
interface ById {
  readonly Params: { readonly id: string };
}
const load = (_request: FastifyRequest<ById>): null => null;
app.get("/notes/:id", { preHandler: allow("get", "Note", { load }) }, async (request) => {
  expectTypeOf(getAccess(request)).toEqualTypeOf<Access>();
  expectTypeOf(request.params.id).toBeString();
  expectTypeOf(request.identity).toEqualTypeOf<ApiKeyIdentity | IamIdentity>();
});
app.get<ById>(
  "/typed/:id",
  {
    onRequest: [authenticate(machines)],
    preHandler: [allow("get", "Note", { load: ({ params }) => ({ id: params.id }) })],
  },
  async (request) => request.params.id,
);
app.route<ById>({
  method: "PATCH",
  url: "/notes/:id",
  preHandler: allow<ById>("update", "Note", { load, input: ({ body, params }) => [body, params.id] }),
  handler: async () => "ok",
});

// Requirements and options that would guard nothing.
// @ts-expect-error misspelt
authenticate(auth, { group: ["Admins"] });
// @ts-expect-error a list
authenticate(auth, { scopes: "read" });
// @ts-expect-error not set
authenticate(auth, { groups: [process.env["ADMINS"]] });
// @ts-expect-error misspelt
app.register(authModes, { ath: auth });
// @ts-expect-error not set
app.register(authModes, { auth, needs: undefined });
// @ts-expect-error misspelt
allow("get", "Note", { laod: load });
// @ts-expect-error an operation of other libraries
allow("read", "Note", { load });
