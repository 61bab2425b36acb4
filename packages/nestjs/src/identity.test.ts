import { once } from "node:events";
import { ApolloDriver, type ApolloDriverConfig } from "@nestjs/apollo";
import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  Logger,
  type LoggerService,
  Module,
  type NestInterceptor,
  Scope,
  UseGuards,
  UseInterceptors,
} from "@nestjs/common";
import { APP_GUARD, REQUEST } from "@nestjs/core";
import { GraphQLModule, Query, Resolver } from "@nestjs/graphql";
import { ThrottlerGuard, ThrottlerModule } from "@nestjs/throttler";
import { SubscribeMessage, WebSocketGateway } from "@nestjs/websockets";
import { map, type Observable } from "rxjs";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { WebSocket } from "ws";
import {
  AllowAnonymous,
  apiKey,
  type AuthEvent,
  AuthModesModule,
  createAuth,
  getIdentity,
  type IdentitySource,
  newApiKey,
  none,
} from "./index.ts";
import { createApp, listen, platforms, serve } from "./test/apps.ts";
import { AuthModesWsAdapter } from "./ws/auth-modes-ws.adapter.ts";

const alice = await newApiKey({ expiresInSeconds: 60, id: "alice" });
const bob = await newApiKey({ expiresInSeconds: 60, id: "bob" });
const as = ({ key }: { readonly key: string }) => ({ headers: { "x-api-key": key } });

function newAuth() {
  return createAuth([apiKey({ keys: [alice.stored, bob.stored] }), none()]);
}

function imported() {
  const auth = newAuth();
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));
  return { events, module: AuthModesModule.forRoot({ auth }) };
}

@Injectable()
class AliceGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return getIdentity(context)?.id === "alice";
  }
}

@Injectable()
class Signature implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { id } = getIdentity(context) ?? { id: "no caller" };
    return next.handle().pipe(map((answer: unknown) => ({ answer, id })));
  }
}

@Injectable({ scope: Scope.REQUEST })
class Caller {
  @Inject(REQUEST) private readonly request!: IdentitySource;

  get id(): string | null | undefined {
    return getIdentity(this.request)?.id;
  }
}

@Controller()
class Shop {
  @Inject(Caller) private readonly caller!: Caller;

  @Get("alice")
  @UseGuards(AliceGuard)
  alice() {
    return "hello";
  }

  @Get("signed")
  @UseInterceptors(Signature)
  signed() {
    return "hello";
  }

  @Get("open")
  @AllowAnonymous()
  @UseInterceptors(Signature)
  open() {
    return this.caller.id ?? "open";
  }

  @Get("scoped")
  scoped() {
    return { id: this.caller.id };
  }
}

afterEach(() => vi.restoreAllMocks());

describe.each(platforms)("the caller on %s", (_name, adapter) => {
  it("is known in guards, interceptors and request-scoped providers", async () => {
    const url = await serve(
      { imports: [imported().module], controllers: [Shop], providers: [Caller] },
      adapter,
    );
    const status = async (who: Parameters<typeof as>[0]) => (await fetch(`${url}/alice`, as(who))).status;
    expect([await status(alice), await status(bob)]).toEqual([200, 403]);
    const json = async (path: string) => (await fetch(url + path, as(bob))).json();
    expect(await json("/signed")).toEqual({ answer: "hello", id: "bob" });
    expect(await json("/scoped")).toEqual({ id: "bob" });
    expect((await fetch(`${url}/scoped`)).status).toBe(401);
  });

  it("is undefined on an open route, even with credentials, which nothing verified there", async () => {
    const url = await serve(
      { imports: [imported().module], controllers: [Shop], providers: [Caller] },
      adapter,
    );
    expect(await (await fetch(`${url}/open`, as(alice))).json()).toEqual({ answer: "open", id: "no caller" });
  });

  it("is what a throttler counts, if its module is imported after ours", async () => {
    const throttlers = [{ ttl: 60_000, limit: 2 }];
    const url = await serve(
      {
        imports: [
          imported().module,
          limitsModule(
            ThrottlerModule.forRoot({
              throttlers,
              getTracker: (_request, context) => getIdentity(context)?.id ?? "strangers",
            }),
          ),
        ],
        controllers: [Shop],
        providers: [Caller],
      },
      adapter,
    );
    const statuses = async (path: string, init?: RequestInit) => {
      const answers = [];
      for (let count = 0; count < 3; count++) answers.push((await fetch(url + path, init)).status);
      return answers;
    };
    expect(await statuses("/scoped", as(alice))).toEqual([200, 200, 429]);
    expect(await statuses("/scoped", as(bob))).toEqual([200, 200, 429]);
    expect(await statuses("/open")).toEqual([200, 200, 429]);
    // Rejected before they are counted.
    expect(await statuses("/scoped")).toEqual([401, 401, 401]);
  });

  it("is a 500 for a guard that runs before ours, and for a constructor, with what to write", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue(undefined);
    const early = { provide: APP_GUARD, useClass: AliceGuard };
    const url = await serve(
      { imports: [imported().module], controllers: [Shop], providers: [Caller, early] },
      adapter,
    );
    const answer = await fetch(`${url}/scoped`, as(alice));
    expect([answer.status, await answer.json()]).toMatchObject([500, { code: "misconfigured" }]);
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("imported after AuthModesModule"));
    log.mockClear();

    @Injectable({ scope: Scope.REQUEST })
    class Hasty {
      readonly id: string | null | undefined;
      constructor(@Inject(REQUEST) request: IdentitySource) {
        this.id = getIdentity(request)?.id;
      }
    }
    @Controller()
    class HastyShop {
      @Inject(Hasty) private readonly caller!: Hasty;
      @Get()
      get() {
        return this.caller.id;
      }
    }
    const hasty = await serve(
      { imports: [imported().module], controllers: [HastyShop], providers: [Hasty] },
      adapter,
    );
    expect((await fetch(hasty, as(alice))).status).toBe(500);
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("not in its constructor"));
  });
});

@Resolver()
class ShopResolver {
  @Inject(Caller) private readonly caller!: Caller;

  @Query()
  @UseGuards(AliceGuard)
  alice() {
    return "hello";
  }

  @Query()
  scoped() {
    return this.caller.id;
  }

  @Query()
  @AllowAnonymous()
  @UseInterceptors(Signature)
  open() {
    return "open";
  }
}

it.each(platforms)("is known in GraphQL on %s", async (_name, adapter) => {
  const typeDefs = "type Signed { id: String } type Query { alice: String scoped: String open: Signed }";
  const graphql = GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, typeDefs });
  const url = await serve(
    { imports: [imported().module, graphql], providers: [ShopResolver, Caller] },
    adapter,
  );
  const ask = async (query: string, { headers }: ReturnType<typeof as>) => {
    const init = { method: "POST", headers: { "content-type": "application/json", ...headers } };
    return (await fetch(`${url}/graphql`, { ...init, body: JSON.stringify({ query }) })).json();
  };
  expect(await ask("{ alice scoped open { id } }", as(alice))).toEqual({
    data: { alice: "hello", scoped: "alice", open: { id: "no caller" } },
  });
  expect(await ask("{ alice scoped }", as(bob))).toMatchObject({
    data: { alice: null, scoped: "bob" },
    errors: [{ path: ["alice"] }],
  });
});

@WebSocketGateway({ path: "/chat" })
class ShopGateway {
  @SubscribeMessage("alice")
  @UseGuards(AliceGuard)
  @UseInterceptors(Signature)
  alice() {
    return { event: "alice", data: "hello" };
  }
}

it("is known for the messages of a WebSocket client, objects and others", async () => {
  const app = await createApp({ imports: [imported().module], providers: [ShopGateway] });
  const url = await listen(app.useWebSocketAdapter(new AuthModesWsAdapter(app)));
  const answers: unknown[] = [];
  for (const data of [{}, "text"]) {
    const socket = new WebSocket(`${url.replace("http", "ws")}/chat`, as(alice));
    onTestFinished(() => socket.terminate());
    await once(socket, "open");
    socket.send(JSON.stringify({ event: "alice", data }));
    const [message] = (await once(socket, "message")) as [Buffer];
    answers.push(JSON.parse(message.toString()));
  }
  const answer = { answer: { event: "alice", data: "hello" }, id: "alice" };
  expect(answers).toEqual([answer, answer]);
});

function limitsModule(throttling: ReturnType<typeof ThrottlerModule.forRoot>) {
  @Module({ imports: [throttling], providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }] })
  class Limits {}
  return Limits;
}

it("is asked with an execution or a request only", () => {
  expect(() => getIdentity({} as never)).toThrow("takes an ExecutionContext, or what @Inject(REQUEST)");
});

describe.each(platforms)("a rejection on %s", (_name, adapter) => {
  afterEach(() => Logger.overrideLogger(false));

  async function logged(auth: ReturnType<typeof newAuth>, path: string) {
    const lines: string[] = [];
    const write =
      (level: string) =>
      (line: unknown, ...more: unknown[]): void =>
        void (more.at(-1) === "AuthModes" && lines.push(`${level} ${String(line)}`));
    const logger: LoggerService = { log: write("log"), warn: write("warn"), error: write("error") };
    const app = await createApp(
      { imports: [AuthModesModule.forRoot({ auth })], controllers: [Shop], providers: [Caller] },
      adapter,
    );
    app.useLogger(logger);
    const stderr = vi.spyOn(console, "error");
    await fetch((await listen(app)) + path, as({ key: "amk_wrong" }));
    expect(stderr).not.toHaveBeenCalled();
    return lines;
  }

  it("is a line of Nest's logger, and not of stderr", async () => {
    const lines = await logged(newAuth(), "/scoped");
    expect(lines).toEqual([
      expect.stringMatching(/^warn authmodes: \S+ credentials_refused apiKey api_key_unknown GET /),
    ]);
    expect(lines.join()).not.toContain("amk_wrong");
  });

  it("is an error if the server's own store is down", async () => {
    const down = createAuth([apiKey({ keys: () => Promise.reject(new Error("down")) }), none()]);
    expect(await logged(down, "/scoped")).toEqual([
      expect.stringMatching(/^error authmodes: \S+ unavailable /),
    ]);
  });

  it("is left to a listener that logs", async () => {
    const auth = newAuth();
    auth.onEvent(() => {});
    expect(await logged(auth, "/scoped")).toEqual([]);
  });
});
