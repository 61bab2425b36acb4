import { describe, expect, it } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { none } from "../modes/none.ts";
import { AuthError } from "../refusal/error.ts";
import { fakeMode } from "../test/modes.ts";
import { viewOf } from "../test/view.ts";
import { messageView } from "./message-view.ts";

const connection = viewOf({
  target: "/graphql/realtime?x=1",
  headers: [
    ["Host", "api.example.com"],
    ["X-Red", "good"],
    ["Cookie", "a=b"],
  ],
});

function view(headers: unknown, body = "{}"): ReturnType<typeof messageView> {
  return messageView(connection, { headers, target: "/graphql/connect", body });
}

const host = "api.example.com";

describe("messageView", () => {
  it("is a POST of JSON with the headers of the message, and none of the connection", async () => {
    const message = view({ host, "X-Key": "1" }, "é");
    expect([message.method, message.target, message.host]).toEqual(["POST", "/graphql/connect", host]);
    expect(message.rawHeaders).toEqual(["host", host, "X-Key", "1"]);
    expect(message.header("x-key")).toBe("1");
    expect(message.header("x-red")).toBeUndefined();
    expect(message.header("content-type")).toBe("application/json");
    expect(await message.body(2)).toEqual(new TextEncoder().encode("é"));
    await expect(message.body(1)).rejects.toMatchObject({ code: "body_too_large" });
  });

  it("drops cookies, and a user agent that was added after signing", () => {
    const signed = (names: string) => ({
      host,
      "x-amz-user-agent": "aws-amplify",
      cookie: "session=1",
      Authorization: `AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=${names}, Signature=c`,
    });
    expect(view(signed("host;x-amz-date")).header("x-amz-user-agent")).toBeUndefined();
    for (const names of ["host;x-amz-user-agent", "x-amz-user-agent", "host;x-amz-user-agent;y"]) {
      expect(view(signed(names)).header("x-amz-user-agent")).toBe("aws-amplify");
    }
    expect(view(signed("host")).rawHeaders).toEqual(["host", host, "Authorization", expect.any(String)]);
    expect(view({ host, "x-amz-user-agent": "a" }).header("x-amz-user-agent")).toBe("a");
  });

  it.each([
    ["no object", []],
    ["nothing", undefined],
    ["a value that is no text", { host, a: 1 }],
    ["null", { host, a: null }],
    ["a name that is none", { host, "a b": "1" }],
    ["a pseudo-header", { host, ":authority": host }],
    ["a line break", { host, a: "1\nhost:other" }],
    ["a character that HTTP cannot carry", { host, a: "\u0100" }],
    ["two spellings", { host, Host: host }],
    ["another type than JSON", { host, "content-type": "text/plain" }],
    ["another type of a similar name", { host, "content-type": "application/jsonx" }],
  ])("is rejected with %s, by any mode", async (_case, headers) => {
    const auth = createAuth([none()]);
    const reasons: unknown[] = [];
    auth.onEvent(({ reason }) => reasons.push(reason));
    await expect(auth.authenticate(view(headers))).rejects.toBeInstanceOf(AuthError);
    expect(reasons).toEqual(["message_malformed"]);
  });

  it("takes as much as Node's parser reads of a request, in one header or in many", () => {
    const limit = 16 * 1024 - "host".length - host.length - 4;
    const one = (length: number) => ({ host, a: "x".repeat(length - "a".length - 4) });
    expect(view(one(limit)).header("a")).toMatch(/^x+$/);
    expect(() => view(one(limit + 1)).header("a")).toThrow(AuthError);
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`${10_000 + i}`, ""]));
    expect(view({ host, ...many(Math.floor(limit / 9)) }).header("10000")).toBe("");
    expect(() => view({ host, ...many(Math.ceil(limit / 9)) }).header("10000")).toThrow(AuthError);
  });

  it("is for the host of the connection alone", async () => {
    const auth = createAuth([fakeMode("red")]);
    auth.onEvent(() => {});
    const good = { "x-red": "good" };
    for (const other of [good, { ...good, host: "other.example" }, { ...good, host: `${host}:8080` }]) {
      await expect(auth.authenticate(view(other))).rejects.toMatchObject({ reason: "message_host_differs" });
    }
    expect(await auth.authenticate(view({ ...good, host: host.toUpperCase() }))).toMatchObject({
      mode: "red",
    });
    const nowhere = messageView(viewOf(), { headers: good, target: "/", body: "" });
    await expect(auth.authenticate(nowhere)).rejects.toMatchObject({ reason: "message_host_differs" });
  });

  it("says why there are no headers", async () => {
    const error = new AuthError("credentials_missing", "no_credentials");
    const auth = createAuth([none()]);
    auth.onEvent(() => {});
    await expect(auth.authenticate(view(error))).rejects.toMatchObject({ reason: "no_credentials" });
  });

  it("is verified each time, as a request is", async () => {
    let counted = 0;
    const auth = createAuth([fakeMode("red")], { usage: () => void counted++ });
    for (let i = 0; i < 2; i++) await auth.authenticate(view({ host, "x-red": "good" }));
    expect(counted).toBe(2);
  });
});
