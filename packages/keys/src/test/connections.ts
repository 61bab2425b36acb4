import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type AccessKey,
  apiKey,
  AuthError,
  createAuth,
  iam,
  nodeView,
  oidc,
  watchConnection,
} from "@authmodes/core";
import { createAuthFetch, outbound } from "@authmodes/core/outbound";
import { expect } from "vitest";
import { openAccessKeys } from "../access-keys.ts";
import { openKeys } from "../keys.ts";
import type { OpenOptions } from "../records.ts";
import { openRevocations } from "../revocations.ts";
import type { Store } from "../store/store.ts";

// Connections that stay open while their credentials are revoked in a store.

const issuer = "https://id.example.com";
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

function tokenWith(claims: Readonly<Record<string, string>>): string {
  const iat = Math.floor(Date.now() / 1000);
  const payload = { iss: issuer, aud: "shop", sub: "alice", iat, exp: iat + 3600, ...claims };
  const text = `${encode({ alg: "ES256", kid: "1" })}.${encode(payload)}`;
  const key = { key: pair.privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}

/** Temporary credentials, as an identity pool finds them in the session token. */
function sessionOf(name: string): AccessKey & { readonly sessionToken: string } {
  return {
    secretAccessKey: `secret of ${name}`,
    sessionToken: `session of ${name}`,
    accountId: "123456789012",
    userArn: "arn:aws:sts::123456789012:assumed-role/reader/session",
    expiresAt: Math.floor(Date.now() / 1000) + 3600,
    cognito: { identityId: name, identityPoolId: "eu-west-1:pool", authType: "authenticated" },
  };
}

const sessions = new Map(["ASIAONE", "ASIATWO"].map((id) => [id, sessionOf(id)]));
const encryptionKey = randomBytes(32).toString("base64");

async function openAll(store: Store, options: OpenOptions = {}) {
  const keys = await openKeys(store, options);
  const accessKeys = await openAccessKeys(store, { encryptionKey, ...options });
  const revocations = await openRevocations(store, options);
  const close = async () => {
    for (const one of [keys, accessKeys, revocations]) await one.close();
  };
  return { keys, accessKeys, revocations, close };
}

/** A server that sends events until it ends the connection; the last one is the reason. */
async function serve(store: Store, options: OpenOptions) {
  const { keys, accessKeys, revocations, close } = await openAll(store, options);
  const find = (id: string) => sessions.get(id) ?? accessKeys.find(id);
  const credentials = Object.assign(find, { onChange: accessKeys.find.onChange });
  const auth = createAuth(
    [
      apiKey({ keys: keys.find }),
      iam({ region: "eu-west-1", credentials }),
      oidc({
        issuer,
        audience: "shop",
        keys: { keys: [{ ...pair.publicKey.export({ format: "jwk" }), kid: "1" }] },
      }),
    ],
    { revoked: revocations.isRevoked },
  );
  auth.onEvent(() => {});
  const server = createServer((request, response) => {
    auth.authenticate(nodeView(request)).then(
      (identity) => {
        response.write("open");
        const watch = watchConnection(identity, ({ reason }) => response.end(` ${reason}`));
        response.once("close", () => watch.stop());
      },
      (error: unknown) => response.writeHead(401).end(error instanceof AuthError ? error.reason : "failed"),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async close() {
      server.close().closeAllConnections();
      await close();
    },
  };
}

/** The text of a response as far as it came. */
class Opened {
  text = "";

  constructor(response: Response) {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const read = async (): Promise<void> => {
      const { done = true, value = "" } = (await reader?.read()) ?? {};
      this.text += value;
      if (!done) await read();
    };
    // The server is closed at the end of the test.
    void read().catch(() => {});
  }
}

type Open = (headers: Readonly<Record<string, string>>) => Promise<Opened>;
type OpenSigned = (accessKeyId: string, secretAccessKey: string, sessionToken?: string) => Promise<Opened>;

function clientOf(url: string): { readonly open: Open; readonly openSigned: OpenSigned } {
  return {
    open: async (headers) => new Opened(await fetch(url, { headers })),
    async openSigned(accessKeyId, secretAccessKey, sessionToken) {
      const credentials = {
        accessKeyId,
        secretAccessKey,
        ...(sessionToken !== undefined && { sessionToken }),
      };
      const source = outbound.iam({ region: "eu-west-1", credentials: async () => credentials });
      return new Opened(await createAuthFetch(source, { origins: [url] })(url));
    },
  };
}

const bearer = (claims: Readonly<Record<string, string>>) => ({
  authorization: `Bearer ${tokenWith(claims)}`,
});

/** A change ends the connections that it is about within 5 seconds, and no other. @param open opens the same, empty store */
export async function checkConnections(open: () => Store): Promise<void> {
  const [there, here] = [open(), open()];
  const server = await serve(there, {});
  const { keys, accessKeys, revocations, close } = await openAll(here);
  try {
    const client = clientOf(server.url);
    const key = async () => keys.create({ name: "a" });
    const accessKey = async () => accessKeys.create({ userArn: "arn:aws:iam::123456789012:user/ci" });
    const session = (id: string) =>
      client.openSigned(id, sessions.get(id)?.secretAccessKey ?? "", sessions.get(id)?.sessionToken);
    const [revokedKey, disabledKey, rotatedKey, goodKey] = [
      await key(),
      await key(),
      await key(),
      await key(),
    ];
    const [badPair, goodPair] = [await accessKey(), await accessKey()];
    const opened = {
      "a revoked key": await client.open({ "x-api-key": revokedKey.key }),
      "a disabled key": await client.open({ "x-api-key": disabledKey.key }),
      "the value before of a key": await client.open({ "x-api-key": rotatedKey.key }),
      "an access key": await client.openSigned(badPair.accessKeyId, badPair.secretAccessKey),
      "a token": await client.open(bearer({ jti: "j1" })),
      "a user": await client.open(bearer({ sub: "bob" })),
      "a session": await client.open(bearer({ sid: "s1" })),
      "a session of a user pool": await client.open(bearer({ origin_jti: "o1" })),
      "credentials of an identity pool": await session("ASIAONE"),
      "another key": await client.open({ "x-api-key": goodKey.key }),
      "another access key": await client.openSigned(goodPair.accessKeyId, goodPair.secretAccessKey),
      "another token": await client.open(bearer({ jti: "j2", sid: "s2", origin_jti: "o2" })),
      "other credentials of the pool": await session("ASIATWO"),
    };
    const texts = () => Object.fromEntries(Object.entries(opened).map(([name, { text }]) => [name, text]));
    const all = Object.keys(opened).map((name) => [name, "open"]);
    await expect.poll(texts, { timeout: 5000 }).toEqual(Object.fromEntries(all));
    await Promise.all([
      keys.revoke(revokedKey.id),
      keys.disable(disabledKey.id),
      keys.rotate(rotatedKey.id, { overlapSeconds: 0 }),
      accessKeys.revoke(badPair.accessKeyId),
      revocations.revoke({ jti: "j1", issuer }),
      revocations.revoke({ sub: "bob", issuer }),
      revocations.revoke({ sid: "s1", issuer }),
      revocations.revoke({ originJti: "o1", issuer }),
      revocations.revoke({ jti: "ASIAONE", issuer: "eu-west-1:pool" }),
    ]);
    await expect.poll(texts, { timeout: 5000 }).toEqual({
      ...Object.fromEntries(all),
      "a revoked key": "open api_key_disabled",
      "a disabled key": "open api_key_disabled",
      "the value before of a key": expect.stringMatching(/^open api_key_(?:unknown|expired)$/),
      "an access key": "open access_key_unknown",
      "a token": "open token_revoked",
      "a user": "open token_revoked",
      "a session": "open token_revoked",
      "a session of a user pool": "open token_revoked",
      "credentials of an identity pool": "open token_revoked",
    });
  } finally {
    await server.close();
    await close();
    await there.close();
    await here.close();
  }
}

/**
 * Connections stay open while the store is down, for `maxStaleSeconds`.
 * @param fail lets every use of the store fail
 */
export async function checkOutage(store: Store, fail: () => Promise<void>): Promise<void> {
  const maxStaleSeconds = 3;
  const server = await serve(store, { maxStaleSeconds });
  const { keys, accessKeys, close } = await openAll(store);
  try {
    const client = clientOf(server.url);
    const { accessKeyId, secretAccessKey } = await accessKeys.create({
      userArn: "arn:aws:iam::123456789012:user/ci",
    });
    const opened = [
      await client.open({ "x-api-key": (await keys.create({ name: "a" })).key }),
      await client.openSigned(accessKeyId, secretAccessKey),
      await client.open(bearer({ jti: "j1" })),
    ];
    const texts = () => opened.map(({ text }) => text);
    await expect.poll(texts, { timeout: 5000 }).toEqual(["open", "open", "open"]);
    await fail();
    const failedAt = performance.now();
    const down = "open key_store_down";
    const wait = { timeout: maxStaleSeconds * 1000 + 5000, interval: 50 };
    await expect.poll(() => texts().some((text) => text !== "open"), wait).toBe(true);
    // The last read may have been a second before.
    expect(performance.now() - failedAt).toBeGreaterThan(maxStaleSeconds * 1000 - 1500);
    await expect.poll(texts, wait).toEqual([down, down, down]);
  } finally {
    await server.close();
    await close();
    await store.close();
  }
}
