import type { AddressInfo } from "node:net";
import cors from "cors";
import express, { type Express, type RequestHandler } from "express";
import express4 from "express4";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  apiKey,
  type AuthOptions,
  authenticate,
  authErrorHandler,
  corsHeaders,
  createAuth,
  getIdentity,
  newApiKey,
  none,
} from "./index.ts";

const { key, stored } = await newApiKey({ expiresInSeconds: 60, id: "ci" });
const origin = "https://app.example";
const preflight = { origin, "access-control-request-method": "PUT" };
const forged = { origin: "x", "access-control-request-method": "x" };

const frameworks: readonly (readonly [string, typeof express])[] = [
  ["Express 5", express],
  ["Express 4", express4],
];

async function serve(app: Express): Promise<string> {
  const server = app.use(authErrorHandler()).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function quietly() {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  onTestFinished(() => warned.mockRestore());
  return warned;
}

function shopAuth(options: AuthOptions = {}) {
  const auth = createAuth([apiKey({ keys: [stored] }), none()], options);
  auth.onEvent(() => {});
  return auth;
}

describe.each(frameworks)("a CORS preflight on %s", (_name, express) => {
  const report = () => vi.fn<RequestHandler>((_request, response) => void response.send("the report"));

  it("runs no handler, however the handler is mounted", async () => {
    quietly();
    const handler = report();
    const app = express().use(authenticate(shopAuth()));
    app.all("/all", handler).use("/use", handler).options("/options", handler);
    const url = await serve(app);
    for (const path of ["/all", "/use/deep?a=1", "/options", "/nothing"]) {
      for (const sent of [forged, { ...forged, "x-api-key": key }, { ...forged, "x-api-key": "wrong" }]) {
        const answer = await fetch(url + path, { method: "OPTIONS", headers: sent });
        expect([path, answer.status, await answer.text()]).toEqual([path, 204, ""]);
        expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
      }
    }
    expect(handler).not.toHaveBeenCalled();
    expect(await (await fetch(`${url}/all`, { method: "OPTIONS", headers: { origin } })).text()).toBe(
      "the report",
    );
  });

  it("is answered by cors() before the guard, as are its headers on a rejection", async () => {
    const warned = quietly();
    const auth = shopAuth();
    const app = express();
    app.use(
      cors({ origin, allowedHeaders: [...corsHeaders(auth).allow] }),
      authenticate(auth.only("apiKey")),
    );
    app.all("/", report());
    const url = await serve(app);
    const answer = await fetch(url, { method: "OPTIONS", headers: preflight });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([204, origin]);
    expect(answer.headers.get("access-control-allow-headers")).toContain("x-api-key");
    const rejection = await fetch(url, { headers: { origin } });
    expect([rejection.status, rejection.headers.get("access-control-allow-origin")]).toEqual([401, origin]);
    expect(warned).not.toHaveBeenCalled();
  });

  it("keeps the headers of cors() that leaves the answer to others", async () => {
    quietly();
    const handler = report();
    const app = express().use(cors({ origin, preflightContinue: true }), authenticate(shopAuth()));
    const answer = await fetch(await serve(app.use(handler)), { method: "OPTIONS", headers: preflight });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([204, origin]);
    expect(handler).not.toHaveBeenCalled();
  });

  it("does not reach cors() behind the guard, which is logged once", async () => {
    const warned = quietly();
    const app = express().use(authenticate(shopAuth()), cors({ origin }));
    const url = await serve(app.use(report()));
    for (let times = 0; times < 2; times++) {
      const answer = await fetch(`${url}/orders`, { method: "OPTIONS", headers: preflight });
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([204, null]);
    }
    expect(warned.mock.calls).toEqual([[expect.stringContaining("mount cors() before authenticate()")]]);
    expect(warned.mock.calls[0]?.[0]).toContain("/orders");
  });

  it("reaches cors() behind a guard that lets it pass, and finds no identity", async () => {
    const warned = quietly();
    const app = express().use(authenticate(shopAuth({ preflight: "pass" })));
    app.all("/mine", (request, response) => void response.json(getIdentity(request)));
    app.use(cors({ origin }), report());
    const url = await serve(app);
    const answer = await fetch(url, { method: "OPTIONS", headers: preflight });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([204, origin]);
    const asked = await fetch(`${url}/mine`, { method: "OPTIONS", headers: { ...forged, "x-api-key": key } });
    expect([asked.status, await asked.json()]).toMatchObject([401, { code: "credentials_missing" }]);
    expect(warned).not.toHaveBeenCalled();
  });
});
