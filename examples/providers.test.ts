import { randomUUID } from "node:crypto";
import { readFile, mkdir, rm, writeFile } from "node:fs/promises";
import { type Auth, AuthError, newApiKey } from "@authmodes/core";
import { fetchView } from "@authmodes/core/fetch";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

// docs/identity-providers.md: each block accepts a token as the provider writes it, and rejects the ones that are named there.

interface Sent {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly iss?: string;
  readonly algorithm?: string;
  readonly cookie?: string;
  /** Default: `Authorization`. */
  readonly header?: string;
  /** In the header of a token that a load balancer signed. */
  readonly balanced?: Readonly<Record<string, string>>;
}
interface Tokens {
  readonly iss: string;
  readonly algorithm?: string;
  readonly accepted: Sent & { readonly groups: readonly string[]; readonly scopes: readonly string[] };
  readonly rejected: readonly (Sent & { readonly reason: string })[];
}

const page = await readFile(new URL("../docs/identity-providers.md", import.meta.url), "utf8");
const cache = new URL("../.cache/providers/", import.meta.url);
const { key, stored } = await newApiKey({ expiresInSeconds: null });

const sections = page
  .split(/^## /m)
  .filter((text) => text.includes("<!-- tokens"))
  .map((text) => ({
    name: text.slice(0, text.indexOf("\n")),
    tokens: JSON.parse(/<!-- tokens\n(.*?)-->/s.exec(text)?.[1] ?? "null") as Tokens | "apiKey",
    code: /```ts\n(.*?)```/s.exec(text)?.[1] ?? "",
  }));

beforeAll(async () => {
  await mkdir(cache, { recursive: true });
  vi.stubEnv("API_KEY_HASH", stored.hash);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  await rm(cache, { recursive: true });
});

async function authOf(name: string, code: string): Promise<Auth> {
  const file = new URL(`${name.replaceAll(/\W+/g, "-")}.ts`, cache);
  await writeFile(file, code);
  const { auth } = (await import(file.href)) as { readonly auth: Auth };
  auth.onEvent(() => {});
  return auth;
}

function viewWith(headers: Readonly<Record<string, string>>) {
  return fetchView(new Request("https://api.example.com/", { headers }));
}

describe("docs/identity-providers.md", () => {
  it("has the providers that people ask for", () => {
    expect(sections.length).toBeGreaterThanOrEqual(14);
  });

  it("accepts the key of a server without a provider", async () => {
    const code = sections.find(({ tokens }) => tokens === "apiKey")?.code ?? "";
    const auth = await authOf("key", code);
    const identity = await auth.authenticate(viewWith({ "x-api-key": key }));
    expect(identity).toMatchObject({ mode: "apiKey", id: "partner" });
  });

  const providers = sections.flatMap(({ name, tokens, code }) =>
    tokens === "apiKey" ? [] : [{ name, tokens, code }],
  );

  it.each(providers)(
    "$name: accepts its tokens, and rejects others for the reason that the page gives",
    async (section) => {
      const { name, tokens, code } = section;
      const algorithm = tokens.algorithm ?? "RS256";
      const { privateKey, publicKey } = await generateKeyPair(algorithm);
      const kid = randomUUID();
      const jwk = { ...(await exportJWK(publicKey)), kid, use: "sig" };
      const pem = await exportSPKI(publicKey);
      vi.stubGlobal("fetch", async (url: string | URL) =>
        String(url) === `https://public-keys.auth.elb.eu-west-1.amazonaws.com/${kid}`
          ? new Response(pem)
          : Response.json(
              String(url).endsWith("/.well-known/openid-configuration")
                ? { issuer: tokens.iss, jwks_uri: "https://keys.example/keys" }
                : { keys: [jwk] },
            ),
      );
      const auth = await authOf(name, code);
      const viewOf = async (sent: Sent) => {
        const {
          claims,
          iss = tokens.iss,
          algorithm: alg = algorithm,
          cookie,
          header = "authorization",
        } = sent;
        const now = Math.floor(Date.now() / 1000);
        const times = { iss, exp: now + 60 };
        const ofBalancer = sent.balanced === undefined ? {} : { ...times, ...sent.balanced };
        const signed = new SignJWT({ ...times, iat: now, ...claims });
        const key = alg === "HS256" ? new TextEncoder().encode("s".repeat(32)) : privateKey;
        const token = await signed.setProtectedHeader({ alg, kid, typ: "JWT", ...ofBalancer }).sign(key);
        return viewWith(
          cookie === undefined
            ? { [header]: header === "authorization" ? `Bearer ${token}` : token }
            : { cookie: `${cookie}=${token}` },
        );
      };
      const { groups, scopes } = tokens.accepted;
      expect(await auth.authenticate(await viewOf(tokens.accepted))).toMatchObject({ groups, scopes });
      expect(tokens.rejected).not.toEqual([]);
      for (const { reason, ...sent } of tokens.rejected) {
        const error = await auth.authenticate(await viewOf(sent)).catch((e: unknown) => e);
        expect(error).toBeInstanceOf(AuthError);
        expect(error).toMatchObject({ reason });
      }
    },
  );
});
