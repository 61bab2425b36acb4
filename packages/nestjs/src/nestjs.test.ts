import {
  applyDecorators,
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  Injectable,
  Module,
  NotFoundException,
  Post,
} from "@nestjs/common";
import { APP_FILTER } from "@nestjs/core";
import type { ServerResponse } from "node:http";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import {
  Allow,
  AllowAnonymous,
  apiKey,
  AUTH,
  AuthError,
  AuthModesModule,
  type AuthEvent,
  createAuth,
  CurrentAccess,
  CurrentIdentity,
  CurrentView,
  Groups,
  type IdentityBase,
  lambda,
  Modes,
  newApiKey,
  none,
  type RequestView,
  Scopes,
} from "./index.ts";
import { createApp, listen, platforms, serve } from "./test/apps.ts";

const { key, stored } = await newApiKey({ expiresInSeconds: 60, id: "ci", scopes: ["read"] });
const headers = { "x-api-key": key };

function shopAuth() {
  const auth = createAuth([apiKey({ keys: [stored] }), none()]);
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));
  return { auth, events, imports: [AuthModesModule.forRoot({ auth })] };
}

@Controller()
class Shop {
  @Get("plain")
  plain(@CurrentIdentity() { id }: IdentityBase) {
    return { id };
  }

  @Get("open")
  @AllowAnonymous()
  open() {
    return { open: true };
  }

  @Get("forgetful")
  @AllowAnonymous()
  forgetful(@CurrentIdentity() { id }: IdentityBase) {
    return { id };
  }

  @Get("any")
  @Modes("apiKey", "none")
  any(@CurrentIdentity() { mode }: IdentityBase) {
    return { mode };
  }

  @Get("view")
  view(@CurrentView() { target }: RequestView) {
    return { target };
  }

  @Get("access")
  access(@CurrentAccess() access: unknown) {
    return access;
  }

  @Get("bug")
  bug() {
    throw new Error("a bug of the shop");
  }

  @Get("missing")
  missing() {
    throw new NotFoundException();
  }
}

describe.each(platforms)("on %s", (_name, adapter) => {
  it("lets in who proves it, and nobody else where no decorator says anything", async () => {
    const url = await serve({ imports: shopAuth().imports, controllers: [Shop] }, adapter);
    expect(await (await fetch(`${url}/plain`, { headers })).json()).toEqual({ id: "ci" });
    const refused = await fetch(`${url}/plain`);
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "ApiKey"]);
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
    expect(await refused.json()).toMatchObject({ code: "credentials_missing" });
  });

  it("opens routes to anybody only where they say so, and then looks at no credentials", async () => {
    const { events, imports } = shopAuth();
    const url = await serve({ imports, controllers: [Shop] }, adapter);
    expect((await fetch(`${url}/open`, { headers: { "x-api-key": "wrong" } })).status).toBe(200);
    expect(events).toEqual([]);
    expect(await (await fetch(`${url}/any`)).json()).toEqual({ mode: "none" });
    expect((await fetch(`${url}/any`, { headers: { "x-api-key": "wrong" } })).status).toBe(401);
  });

  it("answers 500 and reports once if a handler asks for the caller of an open route", async () => {
    const { events, imports } = shopAuth();
    const url = await serve({ imports, controllers: [Shop] }, adapter);
    const answer = await fetch(`${url}/forgetful`, { headers });
    expect([answer.status, await answer.json()]).toMatchObject([500, { code: "misconfigured" }]);
    const detail: unknown = expect.stringContaining("remove @AllowAnonymous()");
    expect(events).toMatchObject([{ reason: "not_authenticated", path: "/forgetful", detail }]);
  });

  it("refuses by groups and scopes; those of a method replace those of its class", async () => {
    @Controller()
    @Scopes("write")
    class Scoped {
      @Get("write")
      write() {
        return "write";
      }

      @Get("read")
      @Scopes("read")
      read() {
        return "read";
      }

      @Get("any-scope")
      @Scopes({ any: ["write", "read"] })
      anyScope() {
        return "any";
      }

      @Get("admin")
      @Scopes("read")
      @Groups("Admins")
      admin() {
        return "admin";
      }

      @Get("open")
      @AllowAnonymous()
      open() {
        return "open";
      }
    }
    const url = await serve({ imports: shopAuth().imports, controllers: [Scoped] }, adapter);
    const status = async (path: string) => (await fetch(url + path, { headers })).status;
    const paths = ["/write", "/read", "/any-scope", "/admin", "/open"];
    expect(await Promise.all(paths.map(status))).toEqual([403, 200, 200, 403, 200]);
  });

  it("keeps the headers of enableCors on refusals", async () => {
    const app = await createApp({ imports: shopAuth().imports, controllers: [Shop] }, adapter);
    app.enableCors({ origin: "https://app.example" });
    app.use((_request: unknown, response: ServerResponse, next: () => void) => {
      response.setHeader("Content-Language", "tlh");
      next();
    });
    const url = await listen(app);
    const refused = await fetch(`${url}/plain`, { headers: { origin: "https://app.example" } });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([
      401,
      "https://app.example",
    ]);
    expect(refused.headers.get("content-language")).toBeNull();
  });

  it("answers refusals also where the app's own filters catch everything, and leaves them the rest", async () => {
    @Catch()
    class Everything implements ExceptionFilter {
      catch(_error: unknown, host: ArgumentsHost): void {
        const reply = host.switchToHttp().getResponse<ServerResponse & { raw?: ServerResponse }>();
        const response = reply.raw ?? reply;
        response.statusCode = 418;
        response.end();
      }
    }
    const inModule = await serve(
      {
        imports: shopAuth().imports,
        controllers: [Shop],
        providers: [{ provide: APP_FILTER, useClass: Everything }],
      },
      adapter,
    );
    const app = await createApp({ imports: shopAuth().imports, controllers: [Shop] }, adapter);
    const inMain = await listen(app.useGlobalFilters(new Everything()));
    for (const url of [inModule, inMain]) {
      const refused = await fetch(`${url}/plain`);
      expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "ApiKey"]);
      expect((await fetch(`${url}/bug`, { headers })).status).toBe(418);
    }
  });

  it("leaves other errors to Nest", async () => {
    const url = await serve({ imports: shopAuth().imports, controllers: [Shop] }, adapter);
    expect((await fetch(`${url}/bug`, { headers })).status).toBe(500);
    expect((await fetch(`${url}/missing`, { headers })).status).toBe(404);
    expect((await fetch(`${url}/access`, { headers })).status).toBe(500);
  });

  it("shows handlers the request as the modes saw it", async () => {
    const url = await serve({ imports: shopAuth().imports, controllers: [Shop] }, adapter);
    const answer = await fetch(`${url}/view?a=b%20c`, { headers });
    expect(await answer.json()).toEqual({ target: "/view?a=b%20c" });
  });

  it("waits for a promise of another realm, and lets nobody in whom it refuses", async () => {
    const Foreign: PromiseConstructor = runInNewContext("Promise");
    const verify = () => Foreign.reject(new AuthError("credentials_refused", "wrong"));
    const auth = createAuth([{ name: "apiKey", detect: () => ({ place: null, verify }) }, none()]);
    auth.onEvent(() => {});
    const imports = [AuthModesModule.forRoot({ auth })];
    const url = await serve({ imports, controllers: [Shop] }, adapter);
    // A handler that asks for the identity would be refused by the promise itself.
    expect((await fetch(`${url}/missing`, { headers })).status).toBe(401);
  });

  it("tells an authorizer of the body, which Nest has parsed before its guards run", async () => {
    const auth = createAuth([
      lambda({
        authorizer: ({ requestContext }) => ({
          isAuthorized: requestContext.queryString === "query Mine { orders }",
        }),
      }),
    ]);
    auth.onEvent(() => {});
    @Controller()
    class Endpoint {
      @Post("operations")
      answer(@CurrentIdentity() { mode }: IdentityBase) {
        return { mode };
      }
    }
    const imports = [AuthModesModule.forRoot({ auth })];
    const url = await serve({ imports, controllers: [Endpoint] }, adapter);
    const status = async (query: string) => {
      const headers = { authorization: "a token", "content-type": "application/json" };
      const body = JSON.stringify({ query });
      return (await fetch(`${url}/operations`, { method: "POST", headers, body })).status;
    };
    expect(await status("query Mine { orders }")).toBe(201);
    expect(await status("query All { orders }")).toBe(401);
  });

  it("takes its auth from a factory, and gives it to whoever injects it", async () => {
    const { auth } = shopAuth();
    @Injectable()
    class Settings {
      readonly auth = auth;
    }
    @Module({ providers: [Settings], exports: [Settings] })
    class Config {}
    const app = await createApp(
      {
        imports: [
          AuthModesModule.forRootAsync({
            imports: [Config],
            inject: [Settings],
            useFactory: (settings: Settings) => ({ auth: settings.auth }),
          }),
        ],
        controllers: [Shop],
      },
      adapter,
    );
    expect(app.get(AUTH)).toBe(auth);
    expect((await fetch(`${await listen(app)}/plain`)).status).toBe(401);
  });
});

describe("misuse is told when the app starts", () => {
  const { imports } = shopAuth();

  it("without forRoot", async () => {
    await expect(createApp({ imports: [AuthModesModule] })).rejects.toThrow("forRoot({ auth })");
  });

  it.each([
    ["no options", undefined, "forRoot() takes an object with options: auth"],
    ["no auth", {}, "forRoot(): auth is what createAuth([…]) returns"],
    ["unknown options", { auth: createAuth([none()]), modes: [] }, "no option 'modes'"],
    ["undefined headers", { auth: createAuth([none()]), messageHeaders: undefined }, "is undefined"],
    ["headers that are no function", { auth: createAuth([none()]), messageHeaders: {} }, "messageHeaders"],
  ])("with %s", (_name, options, text) => {
    expect(() => AuthModesModule.forRoot(options as never)).toThrow(text);
  });

  it("a factory that gives no auth", async () => {
    const module = AuthModesModule.forRootAsync({ useFactory: () => ({}) as never });
    await expect(createApp({ imports: [module] })).rejects.toThrow("auth is what createAuth([…])");
  });

  it.each<readonly [string, () => unknown, string]>([
    ["@Allow without its call", () => Allow({} as never, "get"), "@Allow() takes an operation and a model"],
    // @ts-expect-error: without a mode
    ["@Modes() without a mode", () => Modes(), "@Modes() takes the names of the modes"],
    ["@Modes() with an undefined one", () => Modes("iam", undefined as never), "@Modes() takes the names"],
    // @ts-expect-error: without a group
    ["@Groups() without a group", () => Groups(), "@Groups(): groups is a list of at least one name"],
    [
      "@Groups() with an undefined one",
      () => Groups(undefined as never),
      "holds undefined, which is no name",
    ],
    // @ts-expect-error: without a scope
    ["@Scopes() without a scope", () => Scopes(), "@Scopes(): scopes is a list of at least one name"],
    ["@Scopes() with an empty one", () => Scopes("read", ""), 'holds "", which is no name'],
    ["@Scopes() with any of none", () => Scopes({ any: [] }), "any is a list of at least one name"],
    // @ts-expect-error: all are needed anyway
    ["@Scopes() with all", () => Scopes({ all: ["a"] }), "without 'all'"],
    // @ts-expect-error: one or the other
    ["@Scopes() with any and more", () => Scopes({ any: ["a"] }, "b"), "which is no name"],
  ])("%s, when the class is decorated", (_what, decorate, text) => {
    expect(decorate).toThrow(TypeError);
    expect(decorate).toThrow(text);
  });

  it.each<readonly [string, readonly MethodDecorator[]]>([
    ["@Scopes()", [Scopes("read"), Scopes("write")]],
    ["@Groups()", [Groups("Admins"), Groups("Staff")]],
    ["@Modes()", [AllowAnonymous(), Modes("apiKey")]],
    ["@AllowAnonymous()", [Modes("apiKey"), AllowAnonymous()]],
    ["@Allow()", [Allow("get", "Note"), Allow("update", "Note")]],
  ])("%s twice on one method, of which one would be ignored", (name, decorators) => {
    const decorate = () => {
      class Twice {
        get() {}
      }
      applyDecorators(...decorators)(Twice.prototype, "get", { value: Twice.prototype.get });
    };
    expect(decorate).toThrow(TypeError);
    expect(decorate).toThrow(`get: ${name} and another`);
  });

  it("a misspelt or missing option of forRootAsync", () => {
    const useFactory = () => ({ auth: createAuth([none()]) });
    const misspelt = { useFactory, messageHeaders: () => ({}) } as never;
    expect(() => AuthModesModule.forRootAsync(misspelt)).toThrow("has no option 'messageHeaders'");
    expect(() => AuthModesModule.forRootAsync({} as never)).toThrow("useFactory is a function");
  });

  it("a mode that there is not", async () => {
    @Controller()
    class Misspelt {
      @Get()
      @Modes("apikey")
      get() {
        return "";
      }
    }
    await expect(serve({ imports, controllers: [Misspelt] })).rejects.toThrow(
      /Misspelt\.get: .*no mode 'apikey' here; write 'apiKey'/,
    );
  });

  it("anybody, and yet in a group", async () => {
    @Controller()
    @AllowAnonymous()
    @Groups("Admins")
    class Contradictory {
      @Get()
      get() {
        return "";
      }
    }
    await expect(serve({ imports, controllers: [Contradictory] })).rejects.toThrow("remove it or @Groups()");
  });

  it.each([
    ["@Groups()", Groups("Admins")],
    ["@Allow()", Allow("list", "Note")],
  ])("anybody by the class, and yet %s by the handler", async (name, decorator) => {
    @Controller()
    @AllowAnonymous()
    class Contradictory {
      @Get()
      @decorator
      get() {
        return "";
      }
    }
    await expect(serve({ imports, controllers: [Contradictory] })).rejects.toThrow(
      `Contradictory.get: @AllowAnonymous() accepts every caller; remove it or ${name}`,
    );
  });

  it("a decorator where Nest serves nothing", async () => {
    @Injectable()
    class Orders {
      @Groups("Admins")
      all() {
        return [];
      }
    }
    @Injectable()
    @Modes("apiKey")
    class Books {
      all() {
        return [];
      }
    }
    await expect(serve({ imports, providers: [Orders] })).rejects.toThrow(
      "Orders.all: @Groups guards nothing",
    );
    await expect(serve({ imports, providers: [Books] })).rejects.toThrow("Books: @Modes");
  });
});

it.each([
  ["@Groups()", Groups("Admins")],
  ["@Allow()", Allow("list", "Note")],
])("rejects every caller of a handler with %s if the module was never imported", async (_name, decorator) => {
  @Controller()
  class Unguarded {
    @Post()
    @decorator
    post() {
      return "";
    }
  }
  expect((await fetch(await serve({ controllers: [Unguarded] }), { method: "POST" })).status).toBe(500);
});
