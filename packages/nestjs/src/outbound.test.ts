import { Controller, Get, Inject, Injectable, Post } from "@nestjs/common";
import { HttpModule, HttpService } from "@nestjs/axios";
import { createTestKit } from "@authmodes/testing";
import { firstValueFrom } from "rxjs";
import { describe, expect, it } from "vitest";
import { AuthModesModule, CurrentIdentity, type IdentityBase } from "./index.ts";
import {
  AuthClientsModule,
  axiosConfig,
  clientToken,
  createAuthFetch,
  InjectClient,
  outbound,
} from "./outbound.ts";
import { createApp, listen, serve } from "./test/apps.ts";

const kit = await createTestKit();

@Controller()
class Supplier {
  @Get()
  who(@CurrentIdentity() { mode, id }: IdentityBase) {
    return { mode, id };
  }

  @Post()
  order(@CurrentIdentity() { mode }: IdentityBase) {
    return { mode };
  }
}

const supplier = () =>
  serve({ imports: [AuthModesModule.forRoot({ auth: kit.auth() })], controllers: [Supplier] });

@Injectable()
class Orders {
  readonly suppliers: typeof fetch;

  constructor(@InjectClient("suppliers") suppliers: typeof fetch) {
    this.suppliers = suppliers;
  }
}

@Injectable()
class AxiosOrders {
  readonly http: HttpService;

  constructor(@Inject(HttpService) http: HttpService) {
    this.http = http;
  }
}

const signed = () =>
  outbound.iam({ region: "us-east-1", service: "execute-api", credentials: kit.accessKeys.machine });

describe("AuthClientsModule", () => {
  it("gives clients by their names, which send credentials to their origins only", async () => {
    const url = await supplier();
    const other = await supplier();
    const app = await createApp({
      imports: [
        AuthClientsModule.register("suppliers", { source: signed(), origins: [url] }),
        AuthClientsModule.register("others", { source: outbound.apiKey({ key: "wrong" }), origins: [url] }),
      ],
      providers: [Orders],
    });
    const { suppliers } = app.get(Orders);
    expect(await (await suppliers(url)).json()).toMatchObject({ mode: "iam" });
    expect((await suppliers(other)).status).toBe(401);
    expect((await app.get<typeof fetch>(clientToken("others"))(url)).status).toBe(401);
  });

  it("takes options from a factory", async () => {
    const url = await supplier();
    const app = await createApp({
      imports: [
        AuthClientsModule.registerAsync("suppliers", {
          useFactory: async () => ({ source: signed(), origins: [url] }),
        }),
      ],
      providers: [Orders],
    });
    expect((await app.get(Orders).suppliers(url)).status).toBe(200);
  });

  it("tells of wrong options when the app is built", () => {
    expect(() => AuthClientsModule.register("suppliers", { source: signed(), origins: [] })).toThrow(
      "origins is a list",
    );
  });

  it("makes HttpService of @nestjs/axios sign, bodies too, and keep secrets from other origins", async () => {
    const url = await supplier();
    const other = await supplier();
    const app = await createApp({
      imports: [
        AuthClientsModule.register("suppliers", { source: signed(), origins: [url] }),
        HttpModule.registerAsync({
          inject: [clientToken("suppliers")],
          useFactory: axiosConfig,
        }),
      ],
      providers: [AxiosOrders],
    });
    const { http } = app.get(AxiosOrders);
    expect((await firstValueFrom(http.get(url))).data).toMatchObject({ mode: "iam" });
    expect((await firstValueFrom(http.post(url, { bookId: "1" }))).data).toEqual({ mode: "iam" });
    await expect(firstValueFrom(http.get(other))).rejects.toMatchObject({ response: { status: 401 } });
  });
});

it("re-exports what makes clients", async () => {
  const app = await createApp({
    imports: [AuthModesModule.forRoot({ auth: kit.auth() })],
    controllers: [Supplier],
  });
  const url = await listen(app);
  const client = createAuthFetch(outbound.none(), { origins: [url] });
  expect((await client(url)).status).toBe(401);
});
