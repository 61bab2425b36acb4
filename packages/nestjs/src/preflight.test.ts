import "reflect-metadata";
import {
  All,
  type CanActivate,
  Controller,
  type INestApplication,
  Options,
  UseGuards,
  UseInterceptors,
} from "@nestjs/common";
import { createTestKit } from "@authmodes/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  Allow,
  AllowAnonymous,
  type AuthOptions,
  AuthModesModule,
  CurrentIdentity,
  CurrentView,
  type IdentityBase,
  Modes,
  type RequestView,
} from "./index.ts";
import { createApp, listen, platforms } from "./test/apps.ts";
import { policy } from "./test/notes.ts";

const kit = await createTestKit();
const origin = "https://app.example";
const preflight = { origin, "access-control-request-method": "PUT" };
const forged = { origin: "x", "access-control-request-method": "x" };

const ran = vi.fn<(what: string) => void>();
const laterGuard: CanActivate = {
  canActivate() {
    ran("guard");
    return true;
  },
};

@Controller()
@UseGuards(laterGuard)
@UseInterceptors({
  intercept(_context, next) {
    ran("interceptor");
    return next.handle();
  },
})
class Reports {
  @All("all")
  all() {
    ran("all");
    return "the report";
  }

  @Options("options")
  options() {
    ran("options");
    return "the report";
  }

  @All("none")
  @Modes("apiKey", "none")
  none() {
    ran("none");
    return "the report";
  }

  @All("drafts")
  @Allow("list", "Note")
  drafts() {
    ran("drafts");
    return [];
  }

  @All("open")
  @AllowAnonymous()
  open() {
    ran("open");
    return "open";
  }

  @All("mine")
  mine(@CurrentIdentity() { id }: IdentityBase) {
    ran("mine");
    return id;
  }

  @All("view")
  view(@CurrentView() { target }: RequestView) {
    ran("view");
    return target;
  }
}

describe.each(platforms)("a CORS preflight on %s", (_name, adapter) => {
  async function start(options: AuthOptions = {}, prepare: (app: INestApplication) => void = () => {}) {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    ran.mockReset();
    const auth = kit.auth({ policy, ...options });
    auth.onEvent(() => {});
    const imports = [AuthModesModule.forRoot({ auth })];
    const app = await createApp({ imports, controllers: [Reports] }, adapter);
    prepare(app);
    const url = await listen(app);
    const ask = (path: string, headers: Readonly<Record<string, string>>) =>
      fetch(url + path, { method: "OPTIONS", headers });
    return { ask, warned };
  }

  it("runs no handler, and no other guard or interceptor, whatever it carries", async () => {
    const { ask, warned } = await start();
    const key = await kit.headersFor("apiKey");
    for (const path of ["/all", "/options", "/none", "/drafts", "/mine"]) {
      for (const headers of [preflight, forged, { ...forged, ...key }, { ...forged, "x-api-key": "wrong" }]) {
        const answer = await ask(path, headers);
        expect([path, answer.status, await answer.text()]).toEqual([path, 204, ""]);
        const names = [...answer.headers.keys()];
        expect(names.filter((name) => name.startsWith("access-control-") || name === "content-type")).toEqual(
          [],
        );
      }
    }
    expect(ran).not.toHaveBeenCalled();
    expect(warned).toHaveBeenCalledTimes(5);
    expect(warned.mock.calls[0]?.[0]).toContain("call app.enableCors() before app.listen()");
    expect((await ask("/all", { origin })).status).toBe(401);
    expect(await (await ask("/all", key)).text()).toBe("the report");
  });

  it("is for the handler of an open route to answer", async () => {
    const { ask } = await start();
    expect(await (await ask("/open", forged)).text()).toBe("open");
  });

  it("is answered by enableCors() before the guard", async () => {
    const { ask, warned } = await start({}, (app) =>
      app.enableCors({ origin, allowedHeaders: ["x-api-key"] }),
    );
    const answer = await ask("/all", { ...preflight, "access-control-request-headers": "x-api-key" });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([204, origin]);
    expect(answer.headers.get("access-control-allow-headers")).toBe("x-api-key");
    expect(ran).not.toHaveBeenCalled();
    expect(warned).not.toHaveBeenCalled();
  });

  it("keeps the headers of enableCors() that leaves the answer to others", async () => {
    const { ask } = await start({}, (app) => app.enableCors({ origin, preflightContinue: true }));
    const answer = await ask("/all", preflight);
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([204, origin]);
    expect(ran).not.toHaveBeenCalled();
  });

  it("reaches handlers that its auth lets it through to, without a caller, but none under rules", async () => {
    const { ask, warned } = await start({ preflight: "pass" });
    expect(await (await ask("/all", forged)).text()).toBe("the report");
    expect(ran.mock.calls.flat()).toEqual(["guard", "interceptor", "all"]);
    const key = await kit.headersFor("apiKey");
    for (const path of ["/mine", "/view"]) expect((await ask(path, { ...forged, ...key })).status).toBe(401);
    expect((await ask("/drafts", { ...forged, ...key })).status).toBe(204);
    expect(ran.mock.calls.flat()).not.toContain("drafts");
    expect(ran.mock.calls.flat()).not.toContain("mine");
    expect(warned).not.toHaveBeenCalled();
  });
});
