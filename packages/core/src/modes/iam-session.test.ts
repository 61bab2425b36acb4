import { describe, expect, it, onTestFinished } from "vitest";
import { IamServer, machine } from "../test/iam-server.ts";
import { type Draft, presignDraft, signDraft, testTime } from "../test/sigv4-signer.ts";
import { viewOf } from "../test/view.ts";
import { checkAllowed } from "../sigv4/access-key.ts";
import { type AccessKey, type AccessKeyContext, iam, type IamOptions } from "./iam.ts";

async function start(credentials: IamOptions["credentials"], more: Partial<IamOptions> = {}) {
  const server = await IamServer.start({ credentials, ...more });
  onTestFinished(() => server.close());
  return server;
}

const get = (server: IamServer, target = "/books/7"): Draft => ({
  target,
  headers: [["Host", server.host]],
});

async function outcome(server: IamServer, draft: Draft): Promise<string> {
  const { status, event } = await server.send(draft);
  return event?.reason ?? `${status} ${event?.type}`;
}
const accepted = "200 accepted";
const token = "sealed-in-the-request";

describe("credentials() gets the session token of the request", () => {
  /** A source without a store: the key is in the token. */
  async function stateless(answer: (sessionToken: string | undefined) => string | undefined) {
    const seen: (string | undefined)[] = [];
    const server = await start((_id: string, { sessionToken, signal }: AccessKeyContext): AccessKey => {
      expect(signal).toBeInstanceOf(AbortSignal);
      seen.push(sessionToken);
      const own = answer(sessionToken);
      return { ...machine, ...(own !== undefined && { sessionToken: own, expiresAt: testTime / 1000 + 60 }) };
    });
    return { server, seen };
  }

  it("from the header and from the query", async () => {
    const { server, seen } = await stateless((sent) => sent);
    expect(await outcome(server, signDraft(get(server), { token }))).toBe(accepted);
    expect(await outcome(server, presignDraft(get(server), { token }))).toBe(accepted);
    expect(await outcome(server, signDraft(get(server)))).toBe(accepted);
    expect(seen).toEqual([token, token, undefined]);
  });

  it("and still has to return exactly that token", async () => {
    const { server } = await stateless(() => `${token}.`);
    expect(await outcome(server, signDraft(get(server), { token }))).toBe("session_token_mismatch");
    const without = await stateless(() => undefined);
    expect(await outcome(without.server, signDraft(get(without.server), { token }))).toBe(
      "session_token_unexpected",
    );
  });

  it("only if the token is signed", async () => {
    const { server, seen } = await stateless((sent) => sent);
    const draft = signDraft(get(server));
    const unsigned = { ...draft, headers: [...draft.headers, ["X-Amz-Security-Token", token] as const] };
    expect(await outcome(server, unsigned as Draft)).toBe("header_unsigned");
    expect(seen).toEqual([]);
  });
});

it("credentials() gets the token again while a connection stays open, and allow may have changed", async () => {
  const seen: (string | undefined)[] = [];
  let key: AccessKey = { ...machine, sessionToken: token, expiresAt: testTime / 1000 + 60 };
  const mode = iam({
    region: "us-east-1",
    credentials(_id, { sessionToken }) {
      seen.push(sessionToken);
      return key;
    },
  });
  const { headers } = signDraft({ target: "/books", headers: [["host", "a"]] }, { token });
  const detection = mode.detect(viewOf({ target: "/books", headers }));
  await detection?.verify(testTime);
  await detection?.again?.(testTime);
  expect(seen).toEqual([token, token]);
  key = { ...key, allow: ["GET /orders"] };
  await expect(async () => detection?.again?.(testTime)).rejects.toMatchObject({
    reason: "access_key_not_allowed",
  });
});

describe("a key with allow", () => {
  const may = (allow: readonly string[]) => start(() => ({ ...machine, allow }));

  it.each([
    ["GET /books*", "/books", accepted],
    ["GET /books*", "/books/7?x=1", accepted],
    ["GET /books/*", "/books", "access_key_not_allowed"],
    ["GET /books/*/reviews", "/books/7/reviews", accepted],
    ["* /books/7", "/books/7", accepted],
    ["* *", "/anything", accepted],
    ["POST /books*", "/books", "access_key_not_allowed"],
    ["GET /books", "/books/", "access_key_not_allowed"],
    ["GET /books", "/Books", "access_key_not_allowed"],
    ["GET /books*", "/orders?/books", "access_key_not_allowed"],
    ["GET /books*", "/books%2f..%2forders", "path_not_canonical"],
    ["GET /books*", "/books%5c..%5corders", "path_not_canonical"],
  ])("%s and GET %s: %s", async (pattern, target, wanted) => {
    const server = await may([pattern]);
    expect(await outcome(server, signDraft(get(server, target)))).toBe(wanted);
  });

  it("has a method and a path, and * in the path stands for no method", () => {
    const views = [
      viewOf({ method: "POST", target: "/x /books" }),
      viewOf({ method: "GET /books", target: "/admin" }),
    ];
    for (const view of views) {
      const key = { ...machine, allow: ["GET /books*", "* /books"] };
      expect(() => checkAllowed(view, key)).toThrow(
        expect.objectContaining({ reason: "access_key_not_allowed" }) as Error,
      );
    }
  });

  it("of nothing may call nothing", async () => {
    const server = await may([]);
    expect(await outcome(server, signDraft(get(server)))).toBe("access_key_not_allowed");
  });

  it("answers 403, and only to the owner of the secret", async () => {
    const server = await may(["GET /orders"]);
    expect(await server.send(signDraft(get(server)))).toMatchObject({
      status: 403,
      event: { code: "forbidden" },
    });
    const wrong = signDraft(get(server), { secret: "other" });
    expect(await outcome(server, wrong)).toBe("signature_mismatch");
  });

  it("rejects paths that are resolved, whose canonical form could be another one", async () => {
    const server = await start(() => ({ ...machine, allow: ["GET /books*"] }), { dotSegments: "normalise" });
    expect(await outcome(server, signDraft(get(server, "/books/../orders"), { path: "/orders" }))).toBe(
      "path_not_canonical",
    );
  });

  it.each([
    [["books"]],
    [["get /books"]],
    [["GET books"]],
    ["GET /books"],
    [[7]],
    [["GET /a b"]],
    [["GET /books?limit=1"]],
    [["GET /books#1"]],
  ])("that is %j is an error of the server", async (allow) => {
    const server = await start(() => ({ ...machine, allow: allow as never }));
    expect((await server.send(signDraft(get(server)))).status).toBe(503);
  });
});
