import { inspect } from "node:util";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { AuthError } from "../refusal/error.ts";
import { startEcho } from "../test/echo.ts";
import { json, type KeyServer, startKeyServer, unplugged } from "../test/key-server.ts";
import { newSigner } from "../test/signer.ts";
import { KeySet } from "./key-set.ts";
import { checkKeySetOptions, checkKeyUrl, keySetOf, keySetAt, type KeySetOptions } from "./key-source.ts";
import type { SigningKey } from "./signing-key.ts";

const first = newSigner("ES256", "first");
const second = newSigner("ES256", "second");
const third = newSigner("ES256", "third");
const start = 1_800_000_000_000;
const minute = 60_000;

interface Claim {
  readonly alg?: string;
  /** Seconds; default the time of asking. */
  readonly iat?: unknown;
}

function claim(kid: string | undefined, { alg = "ES256", iat }: Claim = {}) {
  return { header: { alg, kid, typ: undefined }, claims: { iat } };
}

/** What came of looking for a key: its id, or why there is none. */
async function found(
  keys: KeySet,
  kid: string | undefined,
  now: number,
  { alg, iat = now / 1000 }: Claim = {},
): Promise<string> {
  try {
    const fitting = await keys.find(claim(kid, { iat, ...(alg !== undefined && { alg }) }), now);
    return fitting.map((key) => String(key.kid)).join();
  } catch (error) {
    return error instanceof AuthError ? `${error.code} ${error.reason}` : String(error);
  }
}

async function troubleOf(keys: KeySet, now = start): Promise<AuthError> {
  const error: unknown = await keys.ready(now).catch((thrown: unknown) => thrown);
  if (!(error instanceof AuthError)) throw new Error("expected trouble");
  return error;
}

async function keyOf(keys: KeySet, kid: string, now: number): Promise<SigningKey> {
  const [key] = await keys.find(claim(kid), now);
  if (key === undefined) throw new Error("expected a key");
  return key;
}

/** What a fetch brings that no request waits for. */
function eventually<T>(get: () => T) {
  return expect.poll(get, { timeout: 15_000, interval: 5 });
}

const unavailable = "unavailable keys_unavailable";
const unknown = "credentials_refused kid_unknown";
const spent = "unavailable key_fetches_spent";

describe("KeySet", () => {
  let server: KeyServer;
  let keys: KeySet;
  const keySet = (options?: KeySetOptions) => new KeySet(keySetAt(server.jwksUri), options);

  beforeEach(async () => {
    server = await startKeyServer([first.jwk]);
    keys = keySet();
  });

  it("fetches ahead, once, and not again for keys that it has", async () => {
    await keys.ready(start);
    await keys.ready(start + minute);
    expect(await found(keys, "first", start + minute)).toBe("first");
    expect(server.fetches()).toBe(1);
  });

  it("fetches when the first token asks, once for all that wait", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => found(keys, "first", start)));
    expect(new Set(answers)).toEqual(new Set(["first"]));
    expect(server.fetches()).toBe(1);
  });

  it("finds a new key at once, and refuses the one that left", async () => {
    await keys.ready(start);
    server.keys = [second.jwk];
    expect(await found(keys, "second", start + 1)).toBe("second");
    expect(await found(keys, "first", start + 2)).toBe(unknown);
    expect(server.fetches()).toBe(3);
  });

  describe("tokens of unknown keys", () => {
    const flood = (now: number, iat?: unknown, count = 20) =>
      Promise.all(Array.from({ length: count }, (_, i) => found(keys, `made-up-${i}`, now, { iat })));

    it("share the fetch that the first of them begins", async () => {
      await keys.ready(start);
      expect(new Set(await flood(start + 1))).toEqual(new Set([unknown]));
      expect(server.fetches()).toBe(2);
      expect(await found(keys, "first", start + 2)).toBe("first");
    });

    it("need no second fetch if the first one was made for them", async () => {
      expect(await found(keys, "made-up", start)).toBe(unknown);
      expect(server.fetches()).toBe(1);
    });

    it("get five fetches in any minute, and then 503 with the time to wait", async () => {
      await keys.ready(start);
      for (let i = 1; i <= 5; i++) expect(await found(keys, `made-up-${i}`, start + i * 1000)).toBe(unknown);
      expect(await found(keys, "made-up", start + 6000)).toBe(spent);
      const error: unknown = await Promise.resolve(keys.find(claim("made-up"), start + 6000)).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toHaveProperty("retryAfter", 55);
      expect(await found(keys, "made-up", start + 60_999)).toBe(spent);
      expect(server.fetches()).toBe(6);
      expect(await found(keys, "made-up", start + 61_000)).toBe(unknown);
      expect(await found(keys, "made-up", start + 61_001)).toBe(spent);
      expect(server.fetches()).toBe(7);
    });

    it("are refused without a fetch if they are a minute older than the set", async () => {
      await keys.ready(start);
      for (let i = 1; i <= 5; i++) await found(keys, "made-up", start + i);
      const fetchedAt = (start + 5) / 1000;
      const answer = (iat: unknown) => found(keys, "made-up", start + 10, { iat });
      expect(await answer(fetchedAt - 60)).toBe(unknown);
      expect(await answer(fetchedAt - 59.999)).toBe(spent);
      expect(await answer(fetchedAt + 1000)).toBe(spent);
      expect(await answer(null)).toBe(spent);
      expect(await answer(String(fetchedAt - 3600))).toBe(spent);
      expect(await answer(Infinity)).toBe(spent);
      expect(await answer(-Infinity)).toBe(unknown);
      expect(server.fetches()).toBe(6);
    });

    it("do not make tokens of a new key 401, whenever the flood comes", async () => {
      await keys.ready(start);
      const answers: string[] = [];
      for (let i = 0; i < 99; i++) {
        const now = start + i * 50;
        if (i === 30) server.keys = [first.jwk, second.jwk];
        // Before the good token, and after it.
        const strangers = [flood(now, undefined, 3)];
        if (i % 3 === 0) await strangers[0];
        const good = found(keys, i < 30 ? "first" : "second", now);
        strangers.push(flood(now, undefined, 3));
        answers.push(await good);
        await Promise.all(strangers);
      }
      expect(new Set(answers.slice(0, 30))).toEqual(new Set(["first"]));
      expect(new Set(answers.slice(30))).toEqual(new Set([spent]));
      expect(await found(keys, "second", start + 2 * minute)).toBe("second");
      expect(server.fetches()).toBeLessThanOrEqual(7);
    });

    it("do not spend the budget while a failed fetch is not to be repeated", async () => {
      await keys.ready(start);
      server.answer = unplugged;
      for (let i = 1; i <= 10; i++) expect(await found(keys, "second", start + i)).toBe(unavailable);
      expect(server.fetches()).toBe(2);
      server.answer = undefined;
      server.keys = [second.jwk];
      expect(await found(keys, "second", start + 10_001)).toBe("second");
    });

    it("are found by a fetch that began after they came, not by one in flight", async () => {
      await keys.ready(start);
      let release: () => void = () => {};
      const released = new Promise<void>((resolve) => (release = resolve));
      server.answer = (_request, response) => {
        const { keys: old } = server;
        void released.then(() => json(response, { keys: old }));
      };
      const stranger = found(keys, "made-up", start + 1);
      await eventually(() => server.fetches()).toBe(2);
      server.keys = [second.jwk];
      const good = found(keys, "second", start + 2);
      server.answer = undefined;
      release();
      expect(await stranger).toBe(unknown);
      expect(await good).toBe("second");
      expect(server.fetches()).toBe(3);
    });

    it("leave the budget of bad signatures alone", async () => {
      await keys.ready(start);
      const key = await keyOf(keys, "first", start);
      for (let i = 1; i <= 6; i++) await found(keys, "made-up", start + i);
      server.keys = [{ ...second.jwk, kid: "first" }];
      expect(await keys.findReplacement(claim("first"), [key], start + 10)).toHaveLength(1);
    });
  });

  describe("a key that verified no signature", () => {
    it("is fetched again: the issuer may have replaced it under its id", async () => {
      const key = await keyOf(keys, "first", start);
      server.keys = [{ ...second.jwk, kid: "first" }];
      const [newer, ...more] = await keys.findReplacement(claim("first"), [key], start);
      expect(newer?.fingerprint).not.toBe(key.fingerprint);
      expect(more).toEqual([]);
      expect(keys.trusts(key, start)).toBe(false);
    });

    it("is fetched five times in any minute, and for unknown keys five times more", async () => {
      const key = await keyOf(keys, "first", start);
      for (let i = 0; i < 30; i++) {
        expect(await keys.findReplacement(claim("first"), [key], start + i)).toEqual([]);
      }
      expect(server.fetches()).toBe(6);
      for (let i = 0; i < 30; i++) await found(keys, "made-up", start + 100 + i);
      expect(server.fetches()).toBe(11);
      server.keys = [{ ...second.jwk, kid: "first" }];
      expect(await keys.findReplacement(claim("first"), [key], start + 59_999)).toEqual([]);
      expect(await keys.findReplacement(claim("first"), [key], start + minute)).toHaveLength(1);
    });

    it("has no replacement while the issuer is down", async () => {
      const key = await keyOf(keys, "first", start);
      server.answer = unplugged;
      expect(await keys.findReplacement(claim("first"), [key], start + 1)).toEqual([]);
      expect(await found(keys, "first", start + 2)).toBe("first");
    });

    it("may be replaced by one for another algorithm", async () => {
      await keys.ready(start);
      const rsa = newSigner("RS256", "first");
      server.keys = [rsa.jwk];
      expect(await found(keys, "first", start + 1, { alg: "RS256" })).toBe("first");
    });
  });

  it("does not forget known keys over unknown ones", async () => {
    await keys.ready(start);
    const key = await keyOf(keys, "first", start);
    await found(keys, "unknown", start + 1);
    expect(keys.trusts(key, start + 1)).toBe(true);
  });

  it("fetches again at the configured age, without a request that waits", async () => {
    await keys.ready(start);
    server.keys = [first.jwk, second.jwk];
    expect(await found(keys, "first", start + 10 * minute - 1)).toBe("first");
    expect(server.fetches()).toBe(1);
    let answered = false;
    let arrived: () => void = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    server.answer = (_request, response) => {
      expect(answered).toBe(true);
      arrived();
      json(response, { keys: [second.jwk] });
    };
    expect(keys.find(claim("first"), start + 10 * minute)).not.toBeInstanceOf(Promise);
    answered = true;
    await arrival;
    await eventually(() => found(keys, "first", start + 10 * minute + 1)).toBe(unknown);
    expect(await found(keys, "second", start + 10 * minute + 1)).toBe("second");
  });

  it("is refreshed by remembered tokens too", async () => {
    await keys.ready(start);
    const key = await keyOf(keys, "first", start);
    server.keys = [second.jwk];
    expect(keys.trusts(key, start + 10 * minute)).toBe(true);
    await eventually(() => keys.trusts(key, start + 10 * minute + 1)).toBe(false);
  });

  it("takes a key that stays for the same key", async () => {
    await keys.ready(start);
    const key = await keyOf(keys, "first", start);
    server.keys = [{ ...first.jwk }, second.jwk];
    expect(await found(keys, "second", start + 1)).toBe("second");
    expect(await keyOf(keys, "first", start + 1)).toBe(key);
    server.keys = [{ ...second.jwk, kid: "first" }];
    expect(await found(keys, "third", start + 2)).toBe(unknown);
    expect(await found(keys, "first", start + 2)).toBe("first");
    expect(keys.trusts(key, start + 2)).toBe(false);
  });

  it("goes on with the keys at hand while the issuer is down, but not for ever", async () => {
    await keys.ready(start);
    const key = await keyOf(keys, "first", start);
    server.answer = unplugged;
    const day = 24 * 60 * minute;
    for (const now of [start + 10 * minute, start + 60 * minute, start + day - 1]) {
      expect(await found(keys, "first", now)).toBe("first");
      expect(keys.trusts(key, now)).toBe(true);
    }
    expect(keys.trusts(key, start + day)).toBe(false);
    expect(await found(keys, "first", start + day + 20_000)).toBe(unavailable);
    server.answer = undefined;
    expect(await found(keys, "first", start + day + 31_000)).toBe("first");
  });

  it("does not call a key unknown while the issuer cannot be asked for it", async () => {
    await keys.ready(start);
    server.answer = unplugged;
    expect(await found(keys, "second", start + 1)).toBe(unavailable);
    expect(await found(keys, "second", start + 2)).toBe(unavailable);
    expect(server.fetches()).toBe(2);
    server.answer = undefined;
    expect(await found(keys, "second", start + 10_001)).toBe(unknown);
  });

  it("is unavailable after a cold start without issuer, says when to come back, and recovers by itself", async () => {
    server.answer = unplugged;
    expect((await troubleOf(keys)).retryAfter).toBe(10);
    expect(await found(keys, "first", start + 4000)).toBe(unavailable);
    const error: unknown = await Promise.resolve(keys.find(claim("first"), start + 4000)).catch(
      (e: unknown) => e,
    );
    expect(error).toHaveProperty("retryAfter", 6);
    expect(error).toHaveProperty("detail", expect.stringContaining(server.jwksUri));
    expect(server.fetches()).toBe(1);
    server.answer = undefined;
    expect(await found(keys, "first", start + 10_000)).toBe("first");
  });

  it("is not stopped by a clock that is set back", async () => {
    await keys.ready(start);
    await found(keys, "unknown", start + 1);
    server.keys = [second.jwk];
    expect(await found(keys, "second", start - 60 * minute)).toBe("second");
  });

  describe("the key that a token names", () => {
    const rsa = newSigner("RS256", "rsa");
    const { alg: _alg, ...anyRsa } = rsa.jwk;

    it("is the one of its id, for its algorithm", async () => {
      server.keys = [first.jwk, rsa.jwk];
      expect(await found(keys, "rsa", start, { alg: "RS256" })).toBe("rsa");
      expect(await found(keys, "rsa", start, { alg: "PS256" })).toBe("credentials_refused key_unfit");
      expect(await found(keys, "rsa", start, { alg: "ES256" })).toBe("credentials_refused key_unfit");
      expect(await found(keys, "", start)).toBe(unknown);
      expect(await found(keys, "FIRST", start)).toBe(unknown);
    });

    it("is the only one that fits if the token names none", async () => {
      server.keys = [first.jwk, anyRsa];
      expect(await found(keys, undefined, start)).toBe("first");
      expect(await found(keys, undefined, start, { alg: "PS256" })).toBe("rsa");
      expect(await found(keys, undefined, start, { alg: "EdDSA" })).toBe(unknown);
    });

    it("is none if the token names none and several fit", async () => {
      server.keys = [first.jwk, second.jwk];
      expect(await found(keys, undefined, start)).toBe("credentials_refused kid_missing");
    });

    it("is one of up to four that share its id", async () => {
      const twins = (count: number) =>
        Array.from({ length: count }, (_, i) => ({ ...newSigner("ES256", `${i}`).jwk, kid: "first" }));
      server.keys = twins(4);
      expect(await found(keys, "first", start)).toBe("first,first,first,first");
      server.keys = twins(5);
      expect(await found(keySet(), "first", start)).toBe("credentials_refused kid_ambiguous");
    });

    it("may share its id with a key of another type", async () => {
      server.keys = [first.jwk, { ...rsa.jwk, kid: "first" }];
      expect(await found(keys, "first", start, { alg: "RS256" })).toBe("first");
    });
  });

  describe("an issuer that misbehaves", () => {
    const answers: readonly (readonly [string, KeyServer["answer"], RegExp])[] = [
      ["nobody there", unplugged, /cannot be fetched/],
      ["status 500", (_, response) => json(response, { keys: [first.jwk] }, 500), /status 500/],
      ["status 404", (_, response) => json(response, { keys: [first.jwk] }, 404), /status 404/],
      ["no JSON", (_, response) => void response.end("<html>"), /did not answer with an object of JSON/],
      ["a list", (_, response) => json(response, [first.jwk]), /object of JSON/],
      ["no keys", (_, response) => json(response, {}), /no list 'keys'/],
      [
        "keys that are no list",
        (_, response) => json(response, { keys: { 0: first.jwk } }),
        /no list 'keys'/,
      ],
      ["an empty list", (_, response) => json(response, { keys: [] }), /no key that can check signatures/],
      [
        "useless keys",
        (_, response) => json(response, { keys: [{ kty: "oct", k: "AAAA" }, null] }),
        /no key that can/,
      ],
      [
        "too many keys",
        (_, response) =>
          json(response, { keys: Array.from({ length: 101 }, (_k, i) => ({ ...first.jwk, kid: `${i}` })) }),
        /101 keys/,
      ],
      [
        "too many bytes",
        (_, response) => json(response, { keys: [first.jwk], padding: "x".repeat(256 * 1024) }),
        /more than 262144 bytes/,
      ],
    ];
    it.each(answers)("is no issuer: %s", async (_name, answer, sentence) => {
      server.answer = answer;
      const error = await troubleOf(keys);
      expect([error.code, error.reason]).toEqual(["unavailable", "keys_unavailable"]);
      expect(error.detail).toMatch(sentence);
      server.answer = undefined;
      expect(await found(keys, "first", start + 10_000)).toBe("first");
    });

    it.each(answers)("does not take away keys at hand: %s", async (_name, answer) => {
      await keys.ready(start);
      server.answer = answer;
      expect(await found(keys, "second", start + 1)).toBe(unavailable);
      expect(await found(keys, "first", start + 2)).toBe("first");
    });

    it("is given up on when it hangs, before or within its answer", async () => {
      for (const begin of ["", '{"keys":[']) {
        server.answer = (_request, response) => {
          if (begin !== "") response.write(begin);
        };
        const error = await troubleOf(keySet({ timeoutSeconds: 0.1 }));
        expect(error.reason).toBe("keys_unavailable");
      }
    });

    it("is given up on by a fetch that does not listen to its signal, too", async () => {
      const fetch = () => new Promise<Response>(() => {});
      const error = await troubleOf(keySet({ timeoutSeconds: 0.1, fetch }));
      expect(error.detail).toContain("no answer within 0.1 s");
    });

    it("may take a time that is no whole number of milliseconds", async () => {
      expect(2.01 * 1000).not.toBe(2010);
      expect(await found(keySet({ timeoutSeconds: 2.01 }), "first", start)).toBe("first");
    });

    it("is named in the log without the query of its URL, which may hold a key", async () => {
      server.answer = unplugged;
      const error = await troubleOf(new KeySet(keySetAt(`${server.jwksUri}?key=secret`)));
      expect(error.detail).toContain(server.jwksUri);
      expect(error.detail).not.toContain("secret");
      server.answer = (_request, response) => json(response, {}, 500);
      const answered = await troubleOf(new KeySet(keySetAt(`${server.jwksUri}?key=secret`)));
      expect(`${answered.detail} ${String(answered.cause)}`).not.toContain("secret");
    });

    it("does not show that query if the error of fetch has it", async () => {
      const jwksUri = `${await startEcho()}/jwks?key=s3cret`;
      const failing = (url: unknown) => Promise.reject(new Error(`request to ${String(url)} failed`));
      for (const fetch of [globalThis.fetch, failing]) {
        const error = await troubleOf(new KeySet(keySetAt(jwksUri), { fetch }));
        expect(error.detail).toMatch(/fetch failed|request to .*\[secret\] failed/);
        expect(inspect(error, { depth: null, showHidden: true })).not.toContain("s3cret");
      }
    });

    it("may redirect within its origin", async () => {
      server.answer = (request, response) => {
        if (request.url === "/jwks") response.writeHead(307, { location: "/moved" }).end();
        else json(response, { keys: [first.jwk] });
      };
      await keys.ready(start);
      expect(server.asked).toEqual(["/jwks", "/moved"]);
    });

    it("may not redirect to another origin, nor in circles, nor to nowhere", async () => {
      const other = await startKeyServer([first.jwk]);
      const cases: readonly (readonly [string | undefined, RegExp])[] = [
        [other.jwksUri, /redirects to another origin/],
        [server.jwksUri.replace("127.0.0.1", "localhost"), /redirects to another origin/],
        ["/jwks", /redirects more than 3 times/],
        [undefined, /redirects to nowhere/],
      ];
      for (const [location, sentence] of cases) {
        server.answer = (_request, response) => {
          response.writeHead(302, location === undefined ? {} : { location }).end();
        };
        expect((await troubleOf(keySet())).detail).toMatch(sentence);
      }
      expect(other.asked).toEqual([]);
    });
  });

  describe("by discovery", () => {
    const discovery = (document: unknown): KeyServer["answer"] => {
      return (request, response) =>
        json(response, request.url === "/jwks" ? { keys: [first.jwk] } : document);
    };

    it("finds the key set by the document", async () => {
      keys = new KeySet(keySetOf(server.issuer));
      expect(await found(keys, "first", start)).toBe("first");
      expect(server.asked).toEqual(["/.well-known/openid-configuration", "/jwks"]);
    });

    it("keeps a path, and does without the slash at its end", async () => {
      keys = new KeySet(keySetOf(`${server.issuer}/realms/shop/`));
      server.answer = discovery({ issuer: `${server.issuer}/realms/shop/`, jwks_uri: server.jwksUri });
      await keys.ready(start);
      expect(server.asked[0]).toBe("/realms/shop/.well-known/openid-configuration");
    });

    it("refuses a document of another issuer", async () => {
      keys = new KeySet(keySetOf(server.issuer));
      for (const issuer of ["https://other.example", `${server.issuer}/`, undefined, [server.issuer]]) {
        server.answer = discovery({ issuer, jwks_uri: server.jwksUri });
        const error = await troubleOf(new KeySet(keySetOf(server.issuer)));
        expect(error.detail).toContain("has the issuer");
      }
      expect(server.fetches()).toBe(0);
    });

    it("refuses a document without a key set, or with one that is not https", async () => {
      for (const jwksUri of [undefined, 1, "jwks", "file:///etc/passwd", "ftp://127.0.0.1/jwks"]) {
        server.answer = discovery({ issuer: server.issuer, jwks_uri: jwksUri });
        const error = await troubleOf(new KeySet(keySetOf(server.issuer)));
        expect(error.detail).toMatch(/has no jwks_uri|not https/);
      }
    });

    it("refuses to be led from https to http", async () => {
      const fetch = async () =>
        Response.json({ issuer: "https://id.example", jwks_uri: "http://id.example/jwks" });
      const error = await troubleOf(new KeySet(keySetOf("https://id.example"), { fetch }));
      expect(error.detail).toContain("not https");
    });

    it("leads over http only to hosts that are allowed, and from this machine to this machine", async () => {
      const lead = async (issuer: string, jwksUri: string, allowInsecureHttp: readonly string[]) => {
        const asked: string[] = [];
        const fetch = async (input: string | URL | Request) => {
          asked.push(input instanceof Request ? input.url : String(input));
          return Response.json({ issuer, jwks_uri: jwksUri, keys: [first.jwk] });
        };
        const led = await found(new KeySet(keySetOf(issuer, allowInsecureHttp), { fetch }), "first", start);
        expect(asked.includes(jwksUri)).toBe(led === "first");
        return led;
      };
      const allowed = ["keycloak:8080"];
      expect(await lead("https://id.example", "http://keycloak:8080/jwks", allowed)).toBe("first");
      expect(await lead("https://id.example", "http://keycloak:8081/jwks", allowed)).toBe(unavailable);
      expect(await lead("https://id.example", "http://127.0.0.1/jwks", allowed)).toBe(unavailable);
      expect(await lead("http://keycloak:8080", "http://keys:8080/jwks", allowed)).toBe(unavailable);
      expect(await lead("http://keycloak:8080", "http://127.0.0.1/jwks", allowed)).toBe("first");
      expect(await lead("http://localhost:1", "http://keys:8080/jwks", [])).toBe(unavailable);
      expect(await lead("http://localhost:1", "http://[::1]:2/jwks", [])).toBe("first");
    });

    it("does not keep a discovery that failed", async () => {
      keys = new KeySet(keySetOf(server.issuer));
      server.answer = unplugged;
      await troubleOf(keys);
      server.answer = undefined;
      expect(await found(keys, "first", start + 10_000)).toBe("first");
    });
  });

  it("skips weak keys, and reports them once in the log and in its description", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue();
    const secret = first.privateKey.export({ format: "jwk" });
    server.keys = [{ ...first.jwk, ...secret }, second.jwk, { kty: "oct", k: "c2VjcmV0", kid: "shared" }];
    await keys.ready(start);
    expect(await found(keys, "second", start)).toBe("second");
    expect(await found(keys, "first", start)).toBe(unknown);
    const skipped = [
      "'first': it is published with its private part ('d')",
      "'shared': it is a shared secret",
    ];
    expect(keys.describe(start)).toMatchObject({ count: 1, skipped });
    expect(server.fetches()).toBe(2);
    expect(log.mock.calls).toEqual([
      [`authmodes: keys of ${server.jwksUri} are skipped: ${skipped.join("; ")}`],
    ]);
    server.keys = [second.jwk];
    expect(await found(keys, "third", start + 1)).toBe(unknown);
    expect(keys.describe(start).skipped).toEqual([]);
    log.mockRestore();
  });

  it("has options for its times", async () => {
    keys = keySet({ refreshSeconds: 1, maxStaleSeconds: 3, cooldownSeconds: 2 });
    await keys.ready(start);
    server.answer = unplugged;
    expect(await found(keys, "first", start + 2999)).toBe("first");
    await eventually(() => server.fetches()).toBe(2);
    expect(await found(keys, "first", start + 3000)).toBe(unavailable);
    server.answer = undefined;
    server.keys = [third.jwk];
    expect(await found(keys, "third", start + 5000)).toBe("third");
  });
});

describe("checkKeySetOptions", () => {
  it.each([
    [{ refreshSeconds: 0 }, /keySet.refreshSeconds is a number of seconds/],
    [{ refreshSeconds: 600, maxStaleSeconds: 60 }, /keySet.maxStaleSeconds is a number of seconds from 600/],
    [{ timeoutSeconds: 5000 }, /keySet.timeoutSeconds is a number of seconds/],
    [{ cooldownSeconds: 0 }, /keySet.cooldownSeconds is a number of seconds/],
    [{ fetch: "fetch" }, /keySet.fetch is a function/],
    [{ cacheMaxAge: 1 }, /Write 'refreshSeconds'/],
    [{ timeout: 1 }, /Write 'timeoutSeconds'/],
  ])("throws for %o", (options, sentence) => {
    expect(() => checkKeySetOptions("oidc()", options as KeySetOptions)).toThrow(sentence);
  });
});

it("quotes no URL of keys that may hold a password or a key", () => {
  for (const url of ["https//me:s3cret@id.example.com", "htps://id.example.com/jwks?key=s3cret"]) {
    expect(() => checkKeyUrl("oidc()", "jwksUri", url)).toThrow(
      new TypeError("oidc(): jwksUri is a URL such as https://id.example.com"),
    );
  }
  expect(() => checkKeyUrl("oidc()", "jwksUri", "htps://x")).toThrow(", not 'htps://x'");
});
