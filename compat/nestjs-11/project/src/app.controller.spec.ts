import { overrideAuth, type TestAuth } from "@authmodes/nestjs/testing";
import type { INestApplication } from "@nestjs/common";
import { Test } from "@nestjs/testing";
import { AppModule } from "./app.module";

describe("AppController", () => {
  let app: INestApplication;
  let kit: TestAuth["kit"];
  let url: string;

  beforeAll(async () => {
    const builder = Test.createTestingModule({ imports: [AppModule] });
    ({ kit } = await overrideAuth(builder));
    app = (await builder.compile()).createNestApplication();
    await app.listen(0, "127.0.0.1");
    url = await app.getUrl();
  });

  afterAll(() => app.close());

  it.each(["apiKey", "userPool", "oidc", "lambda"] as const)("knows who calls with %s", async (mode) => {
    const response = await fetch(`${url}/whoami`, { headers: await kit.headersFor(mode) });
    expect(await response.json()).toEqual({ mode });
  });

  it("verifies signatures before Nest parses the body", async () => {
    const request = {
      method: "POST",
      url: `${url}/orders`,
      headers: { "content-type": "application/json" },
      body: '{"bookId": "1"}',
    };
    const headers = await kit.headersFor("iam", request);
    const response = await fetch(request.url, { ...request, headers });
    expect(await response.json()).toEqual({ mode: "iam", body: { bookId: "1" } });
  });

  it("refuses everybody else", async () => {
    expect((await fetch(`${url}/whoami`)).status).toBe(401);
  });
});
