import { once } from "node:events";
import { createServer, IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { NextApiHandler, NextApiRequest, NextApiResponse } from "next";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createNextAuth } from "./next-auth.ts";
import { nextView } from "./view.ts";
import { context, createTestAuth, kit, requestTo } from "./test/app.ts";

const { auth, events } = createTestAuth();
const { withApiAuth } = createNextAuth(auth);
const alice = await kit.headersFor("userPool", { username: "alice" });

/** Serves an API route as Next does: below a base path, which the handler does not see. */
async function serve(handler: NextApiHandler, before?: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    request.url = request.url?.replace("/base", "") ?? "/";
    before?.(request, response);
    const failed = () => response.writeHead(500).end("Next answers");
    Promise.resolve(handler(request as NextApiRequest, response as NextApiResponse)).catch(failed);
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/api/x`;
}

const echo = withApiAuth({ modes: ["userPool", "iam"] }, async (request, response, { identity, view }) => {
  response.end(JSON.stringify({ mode: identity.mode, target: view.target, body: await text(request) }));
});

describe("withApiAuth", () => {
  it("passes the caller on, and rejects others in the format of the auth", async () => {
    const url = await serve(echo, (_request, response) => void response.setHeader("Content-Language", "tlh"));
    const accepted = await fetch(url, { headers: alice });
    expect(await accepted.json()).toMatchObject({ mode: "userPool", target: "/base/api/x" });
    const rejected = await fetch(url, { headers: await kit.headersFor("apiKey") });
    expect([rejected.status, rejected.headers.get("content-type")]).toEqual([
      401,
      "application/problem+json",
    ]);
    expect(rejected.headers.get("content-language")).toBeNull();
    expect(await rejected.json()).toMatchObject({ code: "mode_not_accepted" });
  });

  it("verifies the path and the body that the client sent and signed", async () => {
    const url = await serve(echo);
    const init = { method: "POST", body: '{"a":1}' };
    const signedFor = async (url: string, body = init.body) =>
      fetch(target, { ...init, headers: await kit.headersFor("iam", { method: "POST", url, body }) });
    const target = `${url}?a=b%20c`;
    expect(await (await signedFor(target)).json()).toEqual({
      mode: "iam",
      target: "/base/api/x?a=b%20c",
      body: init.body,
    });
    expect((await signedFor(target, '{"a":2}')).status).toBe(401);
    expect((await signedFor(target.replace("/base", ""))).status).toBe(401);
  });

  it("verifies a request that Next made up by its own path, not by the client's", async () => {
    const targets: string[] = [];
    const url = await serve((request, response) => {
      const madeUp = Object.assign(new IncomingMessage(request.socket), { url: "/api/y", method: "GET" });
      targets.push(nextView(request).target, nextView(madeUp).target);
      response.end();
    });
    await fetch(url);
    expect(targets).toEqual(["/base/api/x", "/api/y"]);
  });

  it("does not verify a body that Next parsed before", async () => {
    const handler = vi.fn<() => void>();
    const guarded = withApiAuth(handler);
    const url = await serve(async (request, response) => {
      await text(request);
      return guarded(request, response);
    });
    const body = '{"a":1}';
    const headers = await kit.headersFor("iam", { method: "POST", url, body });
    expect((await fetch(url, { method: "POST", body, headers })).status).toBe(500);
    expect(events.at(-1)).toMatchObject({ reason: "body_consumed" });
    expect(handler).not.toHaveBeenCalled();
  });

  it("asks for groups and scopes", async () => {
    const url = await serve(withApiAuth({ groups: ["Staff"] }, (_request, response) => response.end("in")));
    const status = async (headers: Record<string, string>) => (await fetch(url, { headers })).status;
    expect(await status(alice)).toBe(403);
    expect(await status(await kit.headersFor("userPool", { groups: ["Staff"] }))).toBe(200);
  });

  it("answers preflights, and leaves the handler's errors to Next", async () => {
    const handler = vi.fn<() => never>(() => {
      throw new Error("a bug");
    });
    const url = await serve(withApiAuth(handler));
    const preflight = { origin: "https://app.example", "access-control-request-method": "PUT" };
    expect((await fetch(url, { method: "OPTIONS", headers: preflight })).status).toBe(204);
    expect(handler).not.toHaveBeenCalled();
    expect(await (await fetch(url, { headers: alice })).text()).toBe("Next answers");
  });

  it("names what to write elsewhere", async () => {
    const routed = echo as unknown as (request: Request, about: object) => Promise<unknown>;
    await expect(routed(requestTo("/x"), context)).rejects.toThrow(
      "In a route.ts, and with the edge runtime",
    );
    const { withAuth } = createNextAuth(auth);
    const api = withAuth(() => new Response()) as unknown as (
      request: Partial<IncomingMessage>,
      response: Partial<ServerResponse>,
    ) => Promise<unknown>;
    await expect(api({}, {})).rejects.toThrow("In pages/api write withApiAuth()");
  });

  it.each<[string, () => unknown, RegExp]>([
    ["no handler", () => withApiAuth({}, undefined as never), /last argument is the route handler/],
    ["no modes", () => withApiAuth({ modes: [] }, () => {}), /modes is a list of at least one mode/],
    ["a misspelt option", () => withApiAuth({ group: ["a"] } as never, () => {}), /Write 'groups'/],
    [
      "options behind",
      () => withApiAuth((() => {}) as never, {} as never),
      /withApiAuth\(\{ groups \}, handler\)/,
    ],
    // @ts-expect-error -- a mode that the auth does not have
    ["an unknown mode", () => withApiAuth({ modes: ["jwt"] }, () => {}), /no mode 'jwt'/],
  ])("with %s throws when it is built", (_case, build, sentence) => {
    expect(build).toThrow(sentence);
  });
});
