import { createAuth, lambda, oidc, userPool } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { cli, type Ran, unwrapped } from "../test/cli.ts";

const issuer = "https://sts.windows.net/1111/";
const auth = createAuth([
  oidc({
    issuer,
    audience: "api://books",
    keySet: { fetch: () => Promise.reject(new Error("this machine is offline")) },
  }),
]);

function jwt(claims: object, header: object = {}): string {
  const parts = [{ alg: "RS256", kid: "k1", typ: "JWT", ...header }, claims];
  return [...parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")), "c2ln"].join(".");
}

const good = { iss: issuer, sub: "s", aud: "api://books", exp: 4_000_000_000 };
const jwe =
  "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwiaXNzIjoiaHR0cHM6Ly90ZW5hbnQuZXUuYXV0aDAuY29tLyJ9..u5LxMC9PT1xPYpkO.FKTi0c6Vg.KjBUPkAIhB3pSD9";

async function explained(stdin: string, served: unknown = auth): Promise<Ran> {
  const { code, out, err } = await cli(["explain", "-", "--auth", "auth.ts"], {
    stdin,
    load: async () => ({ auth: served }),
  });
  return { code, out: unwrapped(out), err };
}

const request = (authorization: string) => `GET /x HTTP/1.1\nHost: a\nAuthorization: ${authorization}\n\n`;

describe("explain leads on from what people send", () => {
  it.each([
    {
      what: "an opaque token",
      input: request("Bearer 4f9c0d2e71"),
      says: "this is not a JWT: only its issuer can read the token",
      fix: "request a JWT for this API (Auth0 sends one if the client asks for an audience)",
    },
    {
      what: "an access token of Google",
      input: request("Bearer ya29.a0AfH6SMBx"),
      says: "this is an access token of Google, which only Google can read",
      fix: "send the ID token that came with it",
    },
    {
      what: "an encrypted token",
      input: jwe,
      says: "the token is encrypted (a JWE, five parts): only the service that it is for can read it",
      fix: "request a JWT for this API",
    },
    {
      what: "Bearer undefined",
      input: "curl -H 'Authorization: Bearer undefined' https://a/x",
      says: 'the client sent the word "undefined" in place of a token',
      fix: "look at the variable that holds the token",
    },
    {
      what: "Bearer alone",
      input: request("Bearer"),
      says: "the client sent no token after Bearer",
      fix: "look at the variable that holds the token",
    },
    {
      what: "a token in quotation marks",
      input: request(`Bearer "${jwt(good)}"`),
      says: "the token is in quotation marks",
      fix: "send it without them",
    },
    {
      what: "a password",
      input: "Authorization: Basic dXNlcjpwYXNzd29yZA==",
      says: "Authorization holds a user name and a password (Basic), and no mode reads those",
      fix: "get a token from the issuer and send it after Bearer",
    },
    {
      what: "a token for Microsoft Graph",
      input: jwt({ ...good, aud: "https://graph.microsoft.com" }, { nonce: "other" }),
      says: "this is a token for Microsoft Graph, and only Graph can verify its signature",
      fix: "request a scope of your own API, such as api://<client id>/access_as_user",
    },
    {
      what: "a token for Microsoft Graph, by its app id",
      input: jwt({ ...good, aud: "00000003-0000-0000-c000-000000000000" }),
      says: "this is a token for Microsoft Graph",
      fix: "request a scope of your own API",
    },
    {
      what: "an issuer without the server's slash",
      input: jwt({ ...good, iss: "https://sts.windows.net/1111" }),
      says: `the issuer differs by a slash: iss of the token has no slash at its end, the issuer of the server is ${issuer}`,
      fix: 'write the issuer as the token does: issuer: "https://sts.windows.net/1111"',
    },
    {
      what: "the other issuer of Entra ID",
      input: jwt({ ...good, iss: "https://login.microsoftonline.com/1111/v2.0" }),
      says: "the token is of the right tenant of Entra ID, by its other issuer",
      fix: 'write issuer: "https://login.microsoftonline.com/1111/v2.0", or set requestedAccessTokenVersion',
    },
  ])("$what", async ({ input, says, fix }) => {
    const { code, out, err } = await explained(input);
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toMatch(/^refused(?: by oidc)?: /);
    expect(out).toContain(says);
    expect(out).toContain(`fix: ${fix}`);
    for (const secret of ["dXNlcjpwYXNzd29yZA", "4f9c0d2e71", "a0AfH6SMBx", "KjBUPkAIhB3pSD9", "c2ln"]) {
      expect(out).not.toContain(secret);
    }
    const alone = await cli(["explain", "-"], { stdin: input });
    expect(alone.code).toBe(0);
    if (!says.includes("issuer")) expect(unwrapped(alone.out)).toContain(`fix: ${fix}`);
  });

  it("shows what an encrypted and a quoted token say of themselves", async () => {
    expect((await explained(jwe)).out).toContain("claims  encrypted");
    expect((await explained(`"${jwt(good)}"`)).out).toContain("aud  api://books");
  });

  it("leaves the server's reason alone if the credential looks right", async () => {
    const { out } = await explained(jwt({ ...good, iss: "https://other.example.com" }));
    expect(out).toContain("refused by oidc: the token is of an issuer that this server does not trust");
    const other = await explained(jwt({ ...good, iss: "https://sts.windows.net/2222/" }));
    expect(other.out).toContain("an issuer that this server does not trust");
    const pool = createAuth([userPool({ userPoolId: "us-east-1_Ab1", clientId: "web" })]);
    expect((await explained("GET /x HTTP/1.1\nHost: a\n\n", pool)).out).toContain(
      "refused: the request has no credentials",
    );
  });

  it("says nothing about tokens that a custom authorizer reads", async () => {
    const custom = createAuth([lambda({ authorizer: () => ({ isAuthorized: false }) })]);
    const { out } = await explained(request("Bearer 4f9c0d2e71"), custom);
    expect(out).toContain("refused by lambda: the authorizer says no");
  });
});

describe("explain finds the token", () => {
  const padded = (value: object) => {
    const part = Buffer.from(JSON.stringify(value)).toString("base64url");
    return part.padEnd(Math.ceil(part.length / 4) * 4, "=");
  };
  const arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188";
  const balanced = {
    alg: "ES256",
    kid: "k1",
    signer: `${arn}0`,
    client: "web",
    iss: issuer,
    exp: 4_000_000_000,
  };
  const ofBalancer = `${padded(balanced)}.${padded({ sub: "s" })}.c2ln`;
  const token = jwt(good);
  const modes = {
    header: oidc({ issuer, audience: "api://books", from: { header: "x-token" } }),
    query: oidc({ issuer, audience: "api://books", from: { query: "access_token" } }),
    balanced: oidc({ issuer, clientId: "web", from: { loadBalancer: arn } }),
  };

  it.each([
    ["in another header", modes.header, `GET /x HTTP/1.1\nHost: a\nX-Token: ${token}\n\n`, "aud api://books"],
    ["in a cookie", modes.header, `GET /x HTTP/1.1\nHost: a\nCookie: a=1; s=${token}\n\n`, "aud api://books"],
    [
      "in a subprotocol",
      modes.header,
      `GET /x HTTP/1.1\nHost: a\nSec-WebSocket-Protocol: bearer, ${token}\n\n`,
      "aud api://books",
    ],
    ["in the query", modes.query, `GET /x?access_token=${token} HTTP/1.1\nHost: a\n\n`, "aud api://books"],
    [
      "of a load balancer",
      modes.balanced,
      `GET /x HTTP/1.1\nHost: a\nX-Amzn-Oidc-Data: ${ofBalancer}\n\n`,
      "another load balancer signed the token, or none",
    ],
  ])("%s", async (_name, mode, input, says) => {
    const { out } = await explained(input, createAuth([mode]));
    expect(out.replaceAll(/ +/g, " ")).toContain(says);
    expect(out).toContain("Claims of the token, as sent");
    for (const secret of [token, ofBalancer]) expect(out).not.toContain(secret.slice(0, 30));
  });
});
