import aws4 from "aws4";
import { type Context, Hono } from "hono";
import { handle } from "hono/aws-lambda";
import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import { describe, expect, it, vi } from "vitest";
import { authenticate, createAllow, getIdentity, refusal } from "./fetch.ts";
import {
  apiKey,
  createAuth,
  iam,
  type IdentityOf,
  newApiKey,
  none,
  type Policy,
  type Question,
  type Values,
} from "./index.ts";

const { key, stored } = await newApiKey({ expiresInSeconds: 60, id: "alice" });

/** Notes belong to their owner. */
const policy: Policy = {
  decide({ id }, { record }: Question<Values>) {
    const reason = record === undefined ? "needs-record" : "record-filtered";
    const isOwner = typeof record === "object" && record !== null && record["owner"] === id;
    return isOwner
      ? { allowed: true, rule: "owner", writes: {}, explanation: "Note owner" }
      : { allowed: false, reason, missing: false, explanation: "Note: not the owner" };
  },
  list: () => ({ allowed: true, rule: "r", filter: { kind: "never" }, explanation: "" }),
  mask: (_identity, _model, record) => ({ ...record, hidden: null }),
  maskWritten: (_identity, _model, record) => record,
  displayed: (_model, record) => record,
  fields: () => new Set(["owner"]),
  needsRecord: () => true,
};

const auth = createAuth([apiKey({ keys: [stored] }), none()], { policy });
auth.onEvent(() => {});

const notes: Readonly<Record<string, Values>> = {
  mine: { owner: "alice", hidden: 1 },
  theirs: { owner: "bob" },
};

function shop() {
  interface Env {
    Variables: { identity: IdentityOf<typeof auth> };
  }
  const authenticated = createMiddleware<Env>(async (c, next) => {
    c.set("identity", await authenticate(auth, c.req.raw));
    await next();
  });
  const allow = createAllow(auth, (c: Context) => c.req.raw);
  const load = (c: Context): Values | undefined => notes[c.req.param("id") ?? ""];
  return new Hono<Env>()
    .use(cors({ origin: "https://app.example" }), authenticated)
    .get("/whoami", (c) => c.json(c.var.identity.id))
    .get("/key", (c) => c.json(getIdentity(c.req.raw, auth.only("apiKey")).keyId))
    .get(
      "/notes/:id",
      allow("get", "Note", { load }, ({ record, mask }, c) => c.json(mask(record))),
    )
    .get(
      "/notes",
      allow("list", "Note", {}, (_access, c) => {
        c.header("x-owner", "bob");
        return c.json(["theirs"]);
      }),
    )
    .onError((error, c) => refusal(error, c.req.raw) ?? c.text("The server failed", 500));
}

describe("on Hono", () => {
  const ask = (path: string, headers: Readonly<Record<string, string>> = { "x-api-key": key }) =>
    shop().request(path, { headers: { ...headers } });

  it("an identity comes typed through the context", async () => {
    expect(await (await ask("/whoami")).json()).toBe("alice");
    expect(await (await ask("/key")).json()).toBe("alice");
    expect((await ask("/key", {})).status).toBe(401);
  });

  it("rules stand in front of handlers, and load by the parameters of the route", async () => {
    expect(await (await ask("/notes/mine")).json()).toEqual({ owner: "alice", hidden: null });
    expect((await ask("/notes/theirs")).status).toBe(403);
  });

  it("a list that was not filtered does not leave, nor do its headers", async () => {
    const response = await ask("/notes");
    expect([
      response.status,
      (await response.text()).includes("theirs"),
      response.headers.has("x-owner"),
    ]).toEqual([500, false, false]);
  });

  it("CORS headers survive a refusal, and preflights are answered", async () => {
    const refused = await ask("/whoami", { "x-api-key": "wrong", origin: "https://app.example" });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([
      401,
      "https://app.example",
    ]);
    const headers = { origin: "https://app.example", "access-control-request-method": "PUT" };
    const answer = await shop().request("/whoami", { method: "OPTIONS", headers });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([
      204,
      "https://app.example",
    ]);
  });

  it("a preflight runs no handler without cors(), or before it", async () => {
    const ran = vi.fn<() => Response>(() => new Response("the report"));
    const allow = createAllow(auth, (c: Context) => c.req.raw);
    const guard = createMiddleware(async (c, next) => {
      await authenticate(auth, c.req.raw);
      await next();
    });
    const app = new Hono()
      .all("/rules", allow("get", "Note", { handlerDecides: true }, ran))
      .use(guard, cors())
      .all("*", ran)
      .onError((error, c) => refusal(error, c.req.raw) ?? c.text("The server failed", 500));
    for (const path of ["/rules", "/any"]) {
      const headers = { origin: "x", "access-control-request-method": "x", "x-api-key": key };
      const answer = await app.request(path, { method: "OPTIONS", headers });
      expect([answer.status, await answer.text()]).toEqual([204, ""]);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    }
    expect(ran).not.toHaveBeenCalled();
    expect((await app.request("/rules")).status).toBe(500); // no authenticate ran
    expect(ran).not.toHaveBeenCalled();
  });
});

describe("on Hono in AWS Lambda", () => {
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
  const key = { ...credentials, accountId: "1", userArn: "arn:aws:iam::1:user/a" };
  const signers = createAuth([iam({ region: "us-east-1", credentials: () => key })], {
    publicUrl: "https://api.example.com",
  });
  signers.onEvent(() => {});
  const app = new Hono()
    .use(async (c, next) => {
      await authenticate(signers, c.req.raw);
      await next();
    })
    .all("*", async (c) => c.text(await c.req.text()))
    .onError((error, c) => refusal(error, c.req.raw) ?? c.text("The server failed", 500));
  const inLambda = handle(app);

  async function ask(method: string, signed: string | undefined, sent = signed): Promise<unknown> {
    const path = "/books/K%C3%A4fer?b=2&a=1";
    const { headers } = aws4.sign(
      {
        host: "api.example.com",
        path,
        method,
        service: "execute-api",
        region: "us-east-1",
        ...(signed !== undefined && { body: signed, headers: { "content-type": "application/json" } }),
      },
      credentials,
    );
    const [rawPath = "", rawQueryString = ""] = path.split("?");
    const http = { method, path: rawPath, sourceIp: "1.2.3.4", protocol: "HTTP/1.1" };
    const { statusCode, body } = await inLambda({
      version: "2.0",
      rawPath,
      rawQueryString,
      headers,
      body: sent,
      isBase64Encoded: false,
      requestContext: { domainName: "api.example.com", http },
    } as never);
    return [statusCode, statusCode === 200 ? body : undefined];
  }

  it("a signature is verified, with and without a body, and no other", async () => {
    expect(await ask("GET", undefined)).toEqual([200, ""]);
    expect(await ask("POST", '{"t":"Käfer"}')).toEqual([200, '{"t":"Käfer"}']);
    expect(await ask("POST", '{"t":"Käfer"}', '{"t":"Kaefer"}')).toEqual([401, undefined]);
  });
});
