import "reflect-metadata";
import type { AddressInfo } from "node:net";
import { All, Controller, Get, type INestApplication, Module } from "@nestjs/common";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { Test } from "@nestjs/testing";
import { afterEach, expect, it } from "vitest";
import {
  Allow,
  apiKey,
  AuthModesModule,
  createAuth,
  CurrentIdentity,
  type Identity,
  Modes,
  RowFilter,
} from "./index.ts";
import { policy } from "./test/notes.ts";
import { overrideAuth } from "./testing.ts";

@Controller()
class Shop {
  @All("who")
  who(@CurrentIdentity() { mode, id }: Identity) {
    return { mode, id };
  }

  @Get("ping")
  @Modes("none")
  ping(@CurrentIdentity() { mode }: Identity) {
    return { mode };
  }

  @Get("notes")
  @Allow("list", "Note")
  notes(@RowFilter() filter: unknown) {
    return filter;
  }
}

@Module({
  imports: [AuthModesModule.forRoot({ auth: createAuth([apiKey({ keys: () => undefined })], { policy }) })],
  controllers: [Shop],
})
class AppModule {}

let app: INestApplication | undefined;
afterEach(() => app?.close());

async function testApp(create: "Express" | "Fastify") {
  const builder = Test.createTestingModule({ imports: [AppModule] });
  const { kit } = await overrideAuth(builder, { auth: { policy } });
  const module = await builder.compile();
  app =
    create === "Express"
      ? module.createNestApplication()
      : module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  await app.listen(0, "127.0.0.1");
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  return { kit, url };
}

it.each(["Express", "Fastify"] as const)("signs any mode in to an app under test on %s", async (platform) => {
  const { kit, url } = await testApp(platform);
  const body = JSON.stringify({ signed: true });
  const target = `${url}/who`;
  const json = { "content-type": "application/json" };
  const signed = await kit.headersFor("iam", { method: "POST", url: target, headers: json, body });
  const calls: readonly (readonly [string, RequestInit])[] = [
    ["apiKey", { headers: await kit.headersFor("apiKey") }],
    ["userPool", { headers: await kit.headersFor("userPool", { username: "alice" }) }],
    ["oidc", { headers: await kit.headersFor("oidc") }],
    ["lambda", { headers: await kit.headersFor("lambda") }],
    ["iam", { method: "POST", headers: signed, body }],
  ];
  for (const [mode, init] of calls) {
    const answer = await fetch(target, init);
    expect(await answer.json()).toMatchObject({ mode });
  }
  expect(await (await fetch(`${url}/ping`)).json()).toEqual({ mode: "none" });
  expect((await fetch(target)).status).toBe(401);
  const filtered = await fetch(`${url}/notes`, { headers: await kit.headersFor("apiKey") });
  expect(filtered.status).toBe(200);
});
