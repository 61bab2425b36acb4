import { configure } from "@codegenie/serverless-express";
import { Body, Controller, Post } from "@nestjs/common";
import { createTestKit } from "@authmodes/testing";
import type { Express } from "express";
import { describe, expect, it } from "vitest";
import { AuthModesModule, createAuth } from "./index.ts";
import { createApp } from "./test/apps.ts";

// In AWS Lambda by the adapter of NestJS's documentation, whose requests count as read once a handler has waited.

const kit = await createTestKit();
const url = "https://api.example.com/orders";
const body = '{"title":"Emma"}';
const json = { "content-type": "application/json" };

@Controller()
class Orders {
  @Post("orders")
  create(@Body() order: unknown) {
    return { order };
  }
}

async function start() {
  const auth = createAuth([kit.modes.apiKey, kit.modes.iam, kit.modes.oidc], { clock: kit.clock.now });
  auth.onEvent(() => {});
  const app = await createApp({ imports: [AuthModesModule.forRoot({ auth })], controllers: [Orders] });
  await app.init();
  const handle = configure({ app: app.getHttpAdapter().getInstance() as Express });
  return async (headers: Readonly<Record<string, string>>, sent = body): Promise<unknown> => {
    const http = { method: "POST", path: "/orders", sourceIp: "203.0.113.7", protocol: "HTTP/1.1" };
    const event = {
      version: "2.0",
      rawPath: "/orders",
      rawQueryString: "",
      headers: { host: "api.example.com", ...json, ...headers },
      requestContext: { stage: "$default", domainName: "api.example.com", http },
      body: sent,
      isBase64Encoded: false,
    };
    const answer = (await handle(event, {}, () => {})) as { statusCode: number; body: string };
    return answer.statusCode === 201 ? JSON.parse(answer.body) : answer.statusCode;
  };
}

describe("in AWS Lambda", () => {
  it.each(["apiKey", "oidc"] as const)("a body is parsed after %s was verified", async (mode) => {
    const ask = await start();
    const headers = mode === "apiKey" ? await kit.headersFor(mode) : await kit.headersFor(mode, {});
    for (let i = 0; i < 2; i++) expect(await ask(headers)).toEqual({ order: { title: "Emma" } });
    expect(await ask({})).toBe(401);
  });

  it("a signed body is verified and parsed", async () => {
    const ask = await start();
    const headers = await kit.headersFor("iam", { method: "POST", url, headers: json, body });
    expect(await ask(headers)).toEqual({ order: { title: "Emma" } });
    expect(await ask(headers, '{"title":"Ulysses"}')).toBe(401);
  });
});
