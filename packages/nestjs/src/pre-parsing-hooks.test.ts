import { once } from "node:events";
import { connect } from "node:net";
import { ApolloDriver, type ApolloDriverConfig } from "@nestjs/apollo";
import {
  type ArgumentsHost,
  Body,
  Catch,
  Controller,
  type ExceptionFilter,
  type INestApplication,
  Param,
  Post,
  type Type,
  UseFilters,
  Version,
  VersioningType,
} from "@nestjs/common";
import { GraphQLModule, Query, Resolver } from "@nestjs/graphql";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { describe, expect, it } from "vitest";
import {
  AllowAnonymous,
  apiKey,
  AuthError,
  type AuthEvent,
  AuthModesModule,
  type AuthOptions,
  createAuth,
  Groups,
  Modes,
  newApiKey,
  none,
} from "./index.ts";
import { createApp, listen, type MakeAdapter, platforms } from "./test/apps.ts";

const { key, stored } = await newApiKey({ expiresInSeconds: 60, id: "ci" });

/** Says what reached it, and that it answered. */
@Catch(AuthError)
class OwnFilter implements ExceptionFilter<AuthError> {
  catch({ reason }: AuthError, host: ArgumentsHost) {
    const response = host.switchToHttp().getResponse<{
      status(code: number): { send(body: object): void };
    }>();
    response.status(418).send({ seenByFilter: reason });
  }
}

@Controller("items")
class Items {
  @Post("guarded/:id")
  guarded(@Param("id") id: string, @Body() body: object) {
    return { id, body };
  }

  @Post("filtered")
  @UseFilters(OwnFilter)
  filtered() {
    return {};
  }

  @Post("staff")
  @Groups("Staff")
  staff() {
    return {};
  }

  @Post("open")
  @AllowAnonymous()
  open(@Body() body: object) {
    return { body };
  }

  @Post("any")
  @Modes("apiKey", "none")
  any(@Body() body: object) {
    return { body };
  }
}

@Controller("versions")
class Versions {
  @Post()
  @Version("1")
  first() {
    return {};
  }

  @Post()
  @Version("2")
  @AllowAnonymous()
  second(@Body() body: object) {
    return { body };
  }
}

abstract class Shared {
  @Post("shared")
  shared(@Body() body: object) {
    return { body };
  }
}

@Controller("strict")
class Strict extends Shared {}

@Controller("lax")
@AllowAnonymous()
class Lax extends Shared {}

interface Served {
  readonly app: INestApplication;
  readonly url: string;
  readonly events: readonly AuthEvent[];
}

async function serve(
  makeAdapter: MakeAdapter,
  controllers: readonly Type[] = [Items],
  options: AuthOptions = {},
  setUp: (app: INestApplication) => void = () => {},
): Promise<Served> {
  const auth = createAuth([apiKey({ keys: [stored] }), none()], options);
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));
  const imports = [AuthModesModule.forRoot({ auth })];
  const app = await createApp({ imports, controllers: [...controllers] }, makeAdapter);
  setUp(app);
  return { app, url: await listen(app), events };
}

/** The answer to a head whose body never comes; undefined if there is none within three seconds. */
async function withheld(
  url: string,
  path: string,
  headers: readonly string[] = [],
  length = "Content-Length: 1000000",
): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const head = [`POST ${path} HTTP/1.1`, "Host: a", "Content-Type: application/json", length, ...headers];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  const answer = once(socket, "data").then(([data]) => String(data));
  const patience = new Promise<undefined>((resolve) => setTimeout(resolve, 3000, undefined));
  const text = await Promise.race([answer, patience]);
  socket.destroy();
  answer.catch(() => undefined);
  return text;
}

async function post(url: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: '{"a":1}',
  });
  return { status: response.status, body: await response.json() };
}

const wrong = "x-api-key: amk_wrong";

describe.each(platforms)("a body that is withheld, on %s", (_platform, makeAdapter) => {
  it.each([
    ["/items/guarded/7", [wrong], "401"],
    ["/items/guarded/7?x=1", [], "401"],
    ["/items/staff", [`x-api-key: ${key}`], "403"],
    ["/items/any", [wrong], "401"],
  ])("is not waited for if the guard rejects: POST %s %j", async (path, headers, status) => {
    const { url, events } = await serve(makeAdapter);
    expect(await withheld(url, path, headers)).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\\r\\n`));
    expect(events.filter(({ type }) => type === "refused")).toHaveLength(1);
  });

  it("is not waited for either if it comes in chunks", async () => {
    const { url } = await serve(makeAdapter);
    const answer = await withheld(url, "/items/guarded/7", [wrong], "Transfer-Encoding: chunked");
    expect(answer).toContain("HTTP/1.1 401");
  });

  it("leaves the answer to the app's filters, behind its CORS headers and prefix", async () => {
    const { url } = await serve(makeAdapter, [Items], {}, (app) => {
      app.setGlobalPrefix("api");
      app.enableCors({ origin: "https://app.example" });
    });
    const answer = await withheld(url, "/api/items/filtered", [wrong, "Origin: https://app.example"]);
    expect(answer).toMatch(/^HTTP\/1.1 418 /);
    expect(answer).toContain('{"seenByFilter":"api_key_unknown"}');
    expect(answer?.toLowerCase()).toContain("access-control-allow-origin: https://app.example");
  });

  it("is waited for on open routes, whatever the credentials", async () => {
    const { url } = await serve(makeAdapter, [Items, Versions, Strict, Lax], {}, (app) => {
      app.enableVersioning({ type: VersioningType.HEADER, header: "x-version" });
    });
    expect(await post(`${url}/items/open`, { "x-api-key": "amk_wrong" })).toEqual({
      status: 201,
      body: { body: { a: 1 } },
    });
    expect(await post(`${url}/versions`, { "x-version": "2" })).toEqual({
      status: 201,
      body: { body: { a: 1 } },
    });
    expect(await post(`${url}/lax/shared`)).toEqual({ status: 201, body: { body: { a: 1 } } });
    expect(await post(`${url}/strict/shared`)).toMatchObject({ status: 401 });
  });

  it("is parsed for callers that the route accepts", async () => {
    const { url, events } = await serve(makeAdapter);
    expect(await post(`${url}/items/guarded/7`, { "x-api-key": key })).toEqual({
      status: 201,
      body: { id: "7", body: { a: 1 } },
    });
    expect(await post(`${url}/items/any`)).toMatchObject({ status: 201, body: { body: { a: 1 } } });
    expect(events.map(({ type }) => type)).toEqual(["accepted", "accepted"]);
  });

  it("is parsed while the auth only reports", async () => {
    const { url, events } = await serve(makeAdapter, [Items], { reportOnly: true });
    expect(await post(`${url}/items/guarded/7`, { "x-api-key": "amk_wrong" })).toMatchObject({
      status: 201,
      body: { body: { a: 1 } },
    });
    expect(events.map(({ reportOnly }) => reportOnly)).toEqual([true]);
  });

  it("makes no difference to paths that cannot be decoded, or that are not there", async () => {
    const { url } = await serve(makeAdapter);
    expect((await post(`${url}/items/guarded/%E0%A4%A`)).status).toBe(400);
    expect((await post(`${url}/nowhere`, { "x-api-key": "amk_wrong" })).status).toBe(404);
  });

  it("is not waited for by a GraphQL endpoint", async () => {
    const auth = createAuth([apiKey({ keys: [stored] })]);
    auth.onEvent(() => {});
    const graphql = GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      typeDefs: "type Query { hello: String }",
      context: (req: unknown) => ({ req }),
    });
    const imports = [AuthModesModule.forRoot({ auth }), graphql];
    const url = await listen(await createApp({ imports, providers: [Hello] }, makeAdapter));
    expect(await withheld(url, "/graphql", [wrong])).toMatch(/^HTTP\/1.1 401 /);
    expect(await withheld(url, "/graphql")).toMatch(/^HTTP\/1.1 401 /);
  });
});

@Resolver()
class Hello {
  @Query()
  hello() {
    return "hello";
  }
}

it("is not waited for by a parser that the app adds with useBodyParser()", async () => {
  const [, makeAdapter] = platforms[0] ?? [];
  if (makeAdapter === undefined) throw new Error("no platform");
  const { url } = await serve(makeAdapter, [Items], {}, (app) => {
    (app as NestExpressApplication).useBodyParser("json", { limit: "2mb" });
  });
  expect(await withheld(url, "/items/guarded/7", [wrong])).toMatch(/^HTTP\/1.1 401 /);
  expect(await post(`${url}/items/open`)).toMatchObject({ status: 201, body: { body: { a: 1 } } });
});
