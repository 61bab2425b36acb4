import { describe, expect, it } from "vitest";
import { call, running } from "./running.ts";

// The other routes of every app.

export function routesContract(): void {
  describe("what `npm start -- --json` prints", () => {
    it("has everything that clients need", () => {
      const { ready } = running.shop;
      expect(ready).toEqual({
        url: running.shop.url,
        app: expect.any(String),
        region: "us-east-1",
        service: "execute-api",
        userPoolId: "us-east-1_Bookstore",
        userPoolClientId: expect.any(String),
        identityPoolId: expect.stringMatching(/^us-east-1:/),
        identityPoolEndpoint: `${running.shop.url}/identity-pool`,
        oidcIssuer: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        credentials: {
          apiKey: expect.any(String),
          machine: { accessKeyId: expect.any(String), secretAccessKey: expect.any(String) },
          guest: awsSession,
          alice: { ...userTokens, aws: awsSession },
          bob: userTokens,
          libby: userTokens,
          penny: userTokens,
          otto: { accessToken: expect.any(String) },
          lambda: { token: expect.any(String), deniedToken: expect.any(String) },
        },
      });
      expect(JSON.parse(JSON.stringify(ready))).toEqual(ready);
    });

    const userTokens = { idToken: expect.any(String), accessToken: expect.any(String) };
    const awsSession = {
      accessKeyId: expect.any(String),
      secretAccessKey: expect.any(String),
      sessionToken: expect.any(String),
      identityId: expect.any(String),
    };
  });

  describe("open routes", () => {
    it("answers at /health", async () => {
      expect(await call("anonymous", "/health")).toMatchObject({ status: 200, body: { ok: true } });
    });

    it.each([
      ["anonymous", "none"],
      ["API key", "apiKey"],
      ["guest", "iam"],
      ["alice", "userPool"],
      ["otto", "oidc"],
      ["lambda", "lambda"],
    ])("tells %s at /public/ping that the mode is %s", async (caller, mode) => {
      expect(await call(caller, "/public/ping")).toMatchObject({ status: 200, body: { mode } });
    });

    it("rejects bad credentials at /public/ping", async () => {
      const wrongKey = { headers: { "x-api-key": "wrong" } };
      expect((await call("anonymous", "/public/ping", wrongKey)).body["code"]).toBe("credentials_refused");
      expect((await call("lambda denied", "/public/ping")).body["code"]).toBe("credentials_refused");
    });

    it("has no other routes", async () => {
      expect((await call("machine", "/nowhere")).status).toBe(404);
      expect((await call("machine", "/books/%zz")).status).toBe(400);
    });
  });

  describe("/suppliers", () => {
    it.each([
      ["apiKey", "apiKey"],
      ["iam", "iam"],
      ["userPool", "userPool"],
      ["oidc", "oidc"],
      ["lambda", "lambda"],
      ["forward", "userPool"],
      ["none", "none"],
    ])("calls the supplier by %s, which sees %s", async (mode, seen) => {
      expect(await call("libby", `/suppliers/${mode}`)).toMatchObject({
        status: 200,
        body: { status: 200, body: { mode: seen } },
      });
    });

    it("forwards the caller's credentials, and otherwise sends its own", async () => {
      const forwarded = await call("libby", "/suppliers/forward");
      expect(forwarded.body).toMatchObject({ body: { username: "libby" } });
      const own = await call("libby", "/suppliers/userPool");
      expect(own.body).toMatchObject({ body: { username: "shop" } });
    });

    it.each(["ldap", "constructor", "__proto__"])("has no mode '%s'", async (mode) => {
      expect((await call("libby", `/suppliers/${mode}`)).status).toBe(400);
    });

    it.each([
      ["penny", 403, "forbidden"],
      ["alice", 403, "forbidden"],
      ["otto", 401, "mode_not_accepted"],
      ["machine", 401, "mode_not_accepted"],
      ["anonymous", 401, "credentials_missing"],
    ])("is not for %s", async (caller, status, code) => {
      expect(await call(caller, "/suppliers/iam")).toMatchObject({ status, body: { code } });
    });
  });

  describe("/books", () => {
    it("is read by callers of five modes", async () => {
      for (const caller of ["API key", "guest", "alice", "otto", "machine"]) {
        expect((await call(caller, "/books")).body["items"]).toHaveLength(20);
        expect((await call(caller, "/books/101")).body["title"]).toBe("Pride and Prejudice");
      }
      expect((await call("anonymous", "/books")).status).toBe(401);
      expect((await call("anonymous", "/books/101")).status).toBe(401);
    });

    it("is read in pages to its end", async () => {
      const ids: string[] = [];
      let path = "/books?limit=9";
      while (path !== "") {
        const { body } = await call("API key", path);
        const { items, cursor } = body as { items: { id: string }[]; cursor: string | null };
        ids.push(...items.map(({ id }) => id));
        path = cursor === null ? "" : `/books?limit=9&cursor=${cursor}`;
      }
      expect(ids.length).toBeGreaterThanOrEqual(40);
      expect(ids).toEqual([...new Set(ids)].toSorted());
    });

    it.each(["limit=0", "limit=101", "limit=ten", "cursor=nonsense", "limit=5&limit=6"])(
      "rejects ?%s",
      async (query) => {
        expect(await call("alice", `/books?${query}`)).toMatchObject({
          status: 400,
          body: { code: "invalid_input" },
        });
      },
    );

    it("has no other book", async () => {
      expect(await call("alice", "/books/nothing")).toMatchObject({
        status: 404,
        body: { code: "not_found" },
      });
    });

    it.each([
      ["alice", false],
      ["API key", false],
      ["libby", true],
      ["machine", true],
    ])("shows %s what the shop pays: %s", async (caller, shown) => {
      const { body } = await call(caller, "/books/101");
      expect(body).toHaveProperty("costPrice", shown ? expect.any(Number) : null);
    });
  });

  describe("pages of other origins", () => {
    it("may send a preflight without credentials", async () => {
      const { status, headers } = await call("anonymous", "/whoami", {
        method: "OPTIONS",
        headers: {
          origin: "https://running.shop.example",
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization,x-amz-date",
        },
      });
      expect(status).toBe(204);
      expect(headers.get("access-control-allow-origin")).toBe("*");
      const allowed = headers.get("access-control-allow-headers")?.toLowerCase() ?? "";
      for (const name of [
        "authorization",
        "x-api-key",
        "x-amz-date",
        "x-amz-security-token",
        "content-type",
      ]) {
        expect(allowed).toContain(name);
      }
    });

    it("can read a rejection", async () => {
      const { status, headers } = await call("anonymous", "/whoami", {
        headers: { origin: "https://running.shop.example" },
      });
      expect(status).toBe(401);
      expect(headers.get("access-control-allow-origin")).toBe("*");
      expect(headers.get("access-control-expose-headers")).toContain("WWW-Authenticate");
    });
  });

  describe("the log", () => {
    it("names the caller of each request, and holds no query", async () => {
      const seen: unknown[] = [];
      const stop = running.shop.log.listen((request) => seen.push(request));
      await call("bob", "/suppliers/iam?secret=1");
      await call("anonymous", "/health");
      stop();
      expect(seen).toMatchObject([
        {
          path: "/suppliers/iam",
          status: 403,
          caller: "bob",
          mode: "userPool",
          events: [
            { type: "accepted" },
            {
              code: "forbidden",
              reason:
                "needs one of the groups Librarians; the caller has []; the token has no claim cognito:groups",
            },
          ],
        },
        { path: "/health", status: 200, caller: undefined, events: [] },
      ]);
      expect(JSON.stringify(seen)).not.toContain("secret");
    });
  });
}
