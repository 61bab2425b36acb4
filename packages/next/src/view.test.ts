import { once } from "node:events";
import { createServer, request as sendRaw } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createNextAuth } from "./next-auth.ts";
import { context, createTestAuth, kit, requestTo } from "./test/app.ts";
import { nextView } from "./view.ts";

const { auth, events } = createTestAuth();
const { withAuth } = createNextAuth(auth);
const signed = withAuth({ modes: ["iam"] }, () => new Response("in"));

async function statusOf(target: string, signedTarget: string, init: RequestInit = {}): Promise<number> {
  const method = init.method ?? "GET";
  const body = init.body as string | undefined;
  const url = `http://shop.example${signedTarget}`;
  const headers = await kit.headersFor("iam", { method, url, ...(body !== undefined && { body }) });
  const request = requestTo(target, { method, headers, ...(body !== undefined && { body }) });
  return (await signed(request, context)).status;
}

// What Next makes of a query: https://url.spec.whatwg.org/#urlencoded-serializing
describe("a signed request of which Node told nothing", () => {
  it.each([
    ["/x?b=x+y", "/x?b=x%20y"],
    ["/x?a=&b=", "/x?a&b"],
    ["/x?q=%27%28%29%2A%21", "/x?q='()*!"],
    ["/x?q=%2B", "/x?q=%2B"],
    ["/x?q=%E1%88%B4", "/x?q=%E1%88%B4"],
    ["/x/a%2Fb", "/x/a%2Fb"],
    ["/x/it's(1)*", "/x/it's(1)*"],
  ])("is verified as %s where %s was signed", async (target, signedTarget) => {
    expect(await statusOf(target, signedTarget)).toBe(200);
  });

  it.each([
    ["/x?b=x+y", "/x?b=x%2By"],
    ["/x?b=xy", "/x?b=x%20y"],
    ["/x?a=1", "/x"],
    ["/y", "/x"],
    ["/x/a/b", "/x/a%2Fb"],
  ])("is refused as %s where %s was signed", async (target, signedTarget) => {
    expect(await statusOf(target, signedTarget)).toBe(401);
  });

  it("is verified with the host that the client used, not the one that Next makes up", async () => {
    const headers = await kit.headersFor("iam", { url: "http://localhost:3000/x" });
    expect((await signed(requestTo("/x", { headers }), context)).status).toBe(401);
  });

  it("is verified with the host and the path of publicUrl", async () => {
    const { withAuth } = createNextAuth(createTestAuth("https://api.example/v1").auth);
    const handler = withAuth({ modes: ["iam"] }, () => new Response("in"));
    const outside = await kit.headersFor("iam", { url: "https://api.example/v1/x" });
    const inside = await kit.headersFor("iam", { url: "http://shop.example/x" });
    expect((await handler(requestTo("/x", { headers: outside }), context)).status).toBe(200);
    expect((await handler(requestTo("/x", { headers: inside }), context)).status).toBe(401);
  });
});

it("keeps what auths with public URLs of their own found, each for itself", async () => {
  const auths = ["https://api.example/v1", "https://other.example", undefined].map(
    (publicUrl) => createTestAuth(publicUrl).auth,
  );
  const headers = await kit.headersFor("apiKey");
  const request = requestTo("/x", { headers });
  for (const auth of auths) await auth.authenticate(nextView(request, auth.publicUrl));
  const found = auths.map((auth) => auth.identity(nextView(request, auth.publicUrl))?.mode);
  expect(found).toEqual(["apiKey", "apiKey", "apiKey"]);
  const hosts = auths.map(({ publicUrl }) => nextView(request, publicUrl).host);
  expect(hosts).toEqual(["api.example", "other.example", "shop.example"]);
});

describe("a body", () => {
  it("is verified and handed on", async () => {
    expect(await statusOf("/x", "/x", { method: "POST", body: '{"a":1}' })).toBe(200);
  });

  it("is refused where Next cut it", async () => {
    const body = "0123456789";
    const signature = await kit.headersFor("iam", { method: "POST", url: "http://shop.example/x", body });
    const headers = { ...signature, "content-length": "20" };
    const response = await signed(requestTo("/x", { method: "POST", headers, body }), context);
    expect(response.status).toBe(400);
    expect(events.at(-1)).toMatchObject({ reason: "body_cut" });
    expect(events.at(-1)?.detail).toContain("proxyClientMaxBodySize");
  });
});

describe("a request of which Node told", () => {
  interface Seen {
    readonly target: string;
    readonly exact: boolean;
    readonly authorization: number;
  }

  /** Answers with what the view of a request says, which is made after the server read its body, as Next does. */
  async function viewOver(
    target: string,
    headers: readonly string[] = [],
    rebuilt = (url: string): string => url,
    rebuiltHeaders: Readonly<Record<string, string>> = { host: "shop.example" },
    method = "GET",
  ): Promise<Seen> {
    const server = createServer((incoming, response) => {
      setImmediate(() => {
        const request = requestTo(rebuilt(incoming.url ?? "/"), { method, headers: rebuiltHeaders });
        if (rebuiltHeaders["host"] === undefined) request.headers.delete("host");
        const { target, exact, rawHeaders } = nextView(request);
        const authorization = rawHeaders.filter((name) => name === "Authorization").length;
        response.end(JSON.stringify({ target, exact, authorization }));
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const outgoing = sendRaw({ port, path: target, headers: ["Host", "shop.example", ...headers] }).end();
    const [response] = (await once(outgoing, "response")) as [AsyncIterable<Buffer>];
    let text = "";
    for await (const chunk of response) text += chunk.toString();
    server.close();
    return JSON.parse(text) as Seen;
  }

  it("has the target that the client sent", async () => {
    const plus = (url: string) => url.replace("%20", "+");
    expect(await viewOver("/x?a=b%20c", [], plus)).toMatchObject({ target: "/x?a=b%20c", exact: true });
    expect(await viewOver("/x/../y?a+b")).toMatchObject({ target: "/x/../y?a+b", exact: true });
  });

  it("shows a header that was sent twice", async () => {
    const twice = ["Authorization", "a", "Authorization", "b"];
    expect(await viewOver("/x", twice)).toMatchObject({ authorization: 2 });
  });

  it("is not taken for another that Next made up to answer it", async () => {
    const inner = () => "/api/secret";
    expect(await viewOver("/_next/image?url=/api/secret", [], inner)).toMatchObject({
      target: "/api/secret",
      exact: false,
    });
  });

  it.each([
    ["without its base path", "/base/x?a=b%20c", "/x?a=b+c"],
    ["rewritten, with a parameter in the query", "/items/7?a=b%20c", "/x?a=b+c&id=7"],
    ["rewritten, with a question mark in its query", "/v1/x?url=/a?b", "/x?url=%2Fa%3Fb"],
  ])("has that target if Next passes it on %s", async (_case, sent, url) => {
    expect(await viewOver(sent, [], () => url)).toMatchObject({ target: sent, exact: true });
  });

  it.each<[string, string, Readonly<Record<string, string>>]>([
    ["without the headers of the client", "/x?a=b", {}],
    ["for another host", "/x?a=b", { host: "other.example", authorization: "mine" }],
    ["with other credentials", "/x?a=b", { host: "shop.example", authorization: "other" }],
    ["without its credentials", "/x?a=b", { host: "shop.example" }],
    ["without the query of the client", "/x?a=c", { host: "shop.example", authorization: "mine" }],
  ])("is not taken for one of another path %s", async (_case, url, headers) => {
    const seen = await viewOver("/base/x?a=b", ["Authorization", "mine"], () => url, headers);
    expect(seen).toMatchObject({ target: url, exact: false });
  });

  it("is not taken for one of another method", async () => {
    const rebuilt = () => "/x?b+c";
    expect(await viewOver("/x?b%20c", [], rebuilt, { host: "shop.example" }, "POST")).toMatchObject({
      target: "/x?b+c",
      exact: false,
    });
  });
});

describe("a base path", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("is put back by the name that the app's build wrote, if Node reported nothing", async () => {
    vi.stubEnv("__NEXT_ROUTER_BASEPATH", "/base");
    expect(await statusOf("/x?a=b+c", "/base/x?a=b%20c")).toBe(200);
    expect(await statusOf("/x", "/x")).toBe(401);
  });

  it("is not put before the URL of a proxy, which has it", async () => {
    vi.stubEnv("__NEXT_ROUTER_BASEPATH", "/base");
    const request = requestTo("/base/x", { nextConfig: { basePath: "/base" } });
    expect(nextView(request).target).toBe("/base/x");
  });

  it("is not taken from a header that any client can send", async () => {
    const headers = {
      "x-forwarded-prefix": "/base",
      "x-original-url": "/base/x",
      "x-matched-path": "/base/x",
    };
    const signature = await kit.headersFor("iam", { url: "http://shop.example/base/x" });
    const request = requestTo("/x", { headers: { ...signature, ...headers } });
    expect((await signed(request, context)).status).toBe(401);
  });
});
