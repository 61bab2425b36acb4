import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startOrigin } from "../test/origin.ts";
import { key, signer, startRedirector, streamOf, to } from "./test/calls.ts";
import { createAuthFetch } from "./auth-fetch.ts";
import { custom } from "./sources.ts";
import type { OutboundRequest } from "./header-source.ts";

describe("bodies", () => {
  const form = new FormData();
  form.set("a", "ä");
  form.set("file", new Blob(["bytes"]), "f.txt");

  it.each<[string, RequestInit["body"], RegExp | undefined]>([
    ["a text", "text ä", /^text\/plain;charset=UTF-8$/],
    ["bytes", new TextEncoder().encode("bytes"), undefined],
    ["a buffer", new TextEncoder().encode("buffer").buffer, undefined],
    ["a blob", new Blob(["blob"], { type: "text/x-blob" }), /^text\/x-blob$/],
    ["parameters", new URLSearchParams({ a: "b c" }), /^application\/x-www-form-urlencoded;charset=UTF-8$/],
    ["a form", form, /^multipart\/form-data; boundary=.+$/],
  ])("of %s are signed and sent as the same bytes, also after a redirect", async (_what, body, type) => {
    const mine = await startRedirector();
    const seen: OutboundRequest[] = [];
    const authFetch = createAuthFetch(signer(seen), { origins: [mine.url] });
    await authFetch(`${mine.url}${to("/end", 307)}`, { method: "POST", body: body ?? null });
    expect(mine.received).toHaveLength(2);
    expect(mine.received[0]?.body).not.toBe("");
    for (const [index, { body: got, headers }] of mine.received.entries()) {
      expect(new TextDecoder().decode(seen[index]?.body)).toBe(got);
      expect(got).toBe(mine.received[0]?.body);
      expect(seen[index]?.headers.get("content-type") ?? undefined).toBe(headers["content-type"]);
      if (type === undefined) expect(headers).not.toHaveProperty("content-type");
      else expect(headers["content-type"]).toMatch(type);
      expect(headers["content-length"]).toBe(String(seen[index]?.body?.byteLength));
    }
  });

  it("are undefined for a source if there is none", async () => {
    const mine = await startOrigin();
    const seen: OutboundRequest[] = [];
    await createAuthFetch(signer(seen), { origins: [mine.url] })(`${mine.url}/p`, {
      headers: { "x-own": "1" },
    });
    expect(seen[0]).toMatchObject({ method: "GET", body: undefined, refused: undefined });
    expect([seen[0]?.url.href, seen[0]?.headers.get("x-own")]).toEqual([`${mine.url}/p`, "1"]);
  });
});

describe("streamed bodies", () => {
  const half = { method: "POST", duplex: "half" } as const;

  it("pass through unread if the source does not sign them", async () => {
    // The stream goes on only when the server has its first part: read ahead, this would never end.
    const server = createServer((request, response) => {
      request.once("data", () => server.emit("arrived"));
      request.on("end", () => response.end(String(request.headers["x-api-key"])));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode("first"));
        await once(server, "arrived");
        controller.close();
      },
    });
    const response = await createAuthFetch(key, { origins: [url], buffer: 10 })(url, { ...half, body });
    expect(await response.text()).toBe("k-secret");
  });

  it.each([301, 302, 307, 308])("are not sent again for a redirect (%i)", async (status) => {
    const mine = await startRedirector();
    const authFetch = createAuthFetch(key, { origins: [mine.url] });
    const call = authFetch(`${mine.url}${to("/end", status)}`, { ...half, body: streamOf("a", "b") });
    await expect(call).rejects.toThrow(`a redirect (${status}) asks for a streamed body to be sent again`);
    expect(mine.received.map(({ body }) => body)).toEqual(["ab"]);
  });

  it("are left out after 303, which asks for no body", async () => {
    const mine = await startRedirector();
    const authFetch = createAuthFetch(key, { origins: [mine.url] });
    await authFetch(`${mine.url}${to("/end", 303)}`, { ...half, body: streamOf("a") });
    expect(mine.received.map(({ method, body }) => method + body)).toEqual(["POSTa", "GET"]);
  });

  it("are not sent again after a 401; the source hears of it all the same", async () => {
    const mine = await startOrigin(() => ({ status: 401, body: "no" }));
    const refused: unknown[] = [];
    const source = custom(
      (request) => (refused.push(request.refused?.status), { authorization: `t${refused.length}` }),
    );
    const authFetch = createAuthFetch(source, { origins: [mine.url] });
    const response = await authFetch(mine.url, { ...half, body: streamOf("a") });
    expect([response.status, await response.text()]).toEqual([401, "no"]);
    expect(mine.received).toHaveLength(1);
    expect(refused).toEqual([undefined, 401]);
  });

  it("count as such also as the own body of a Request, and as an iterable", async () => {
    const mine = await startRedirector();
    const authFetch = createAuthFetch(key, { origins: [mine.url] });
    const url = `${mine.url}${to("/end", 307)}`;
    const sentence = "asks for a streamed body";
    await expect(authFetch(new Request(url, { method: "POST", body: "text" }))).rejects.toThrow(sentence);
    async function* parts(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode("a");
    }
    await expect(authFetch(url, { ...half, body: parts() })).rejects.toThrow(sentence);
    // A body given beside the Request is known.
    expect((await authFetch(new Request(url, { method: "POST", body: "x" }), { body: "text" })).status).toBe(
      200,
    );
    expect(mine.received.at(-1)).toMatchObject({ method: "POST", body: "text" });
  });

  it("cannot be signed without a buffer", async () => {
    const mine = await startOrigin();
    const authFetch = createAuthFetch(signer(), { origins: [mine.url] });
    await expect(authFetch(mine.url, { ...half, body: streamOf("a") })).rejects.toThrow(
      "{ buffer: 1_000_000 }",
    );
    expect(mine.received).toEqual([]);
    // Without a signature, nothing has to be read.
    const own = { ...half, body: streamOf("a"), headers: { authorization: "own" } };
    expect((await authFetch(mine.url, own)).status).toBe(200);
    expect(mine.received[0]?.body).toBe("a");
  });

  it("are signed from a buffer of as many bytes as allowed, and are bytes from there on", async () => {
    const mine = await startRedirector();
    const authFetch = createAuthFetch(signer(), { origins: [mine.url], buffer: 6 });
    await authFetch(`${mine.url}${to("/end", 307)}`, { ...half, body: streamOf("abc", "def") });
    expect(mine.received.map(({ body, headers }) => `${body} ${headers.authorization}`)).toEqual([
      "abcdef Signed 1 POST /to 6",
      "abcdef Signed 2 POST /end 6",
    ]);
    expect(mine.received[0]?.headers["content-length"]).toBe("6");
  });

  it("over the buffer are refused and stopped, unsent", async () => {
    const mine = await startOrigin();
    let pulled = 0;
    const cancelled = vi.fn<(reason: unknown) => void>();
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => (pulled++, controller.enqueue(new Uint8Array(4))),
      cancel: cancelled,
    });
    const authFetch = createAuthFetch(signer(), { origins: [mine.url], buffer: 10 });
    await expect(authFetch(mine.url, { ...half, body: endless })).rejects.toThrow(
      "is over 10 bytes ('buffer')",
    );
    expect(cancelled).toHaveBeenCalledOnce();
    expect(pulled).toBeLessThan(6);
    expect(mine.received).toEqual([]);
  });
});
