import { readFile } from "node:fs/promises";
import { apiKey, createAuth, userPool } from "@authmodes/core";
import { createTestKit } from "@authmodes/testing";
import aws4 from "aws4";
import { describe, expect, it } from "vitest";
import { type LambdaAdapter, lambdaAdapters } from "./test/lambda-adapters.ts";
import { type ClientRequest, type EventSource, eventSources } from "./test/lambda-events.ts";

// docs/guides/aws-lambda.md: its table is what this test finds.

const kit = await createTestKit();
const modes = ["apiKey", "iam", "userPool", "oidc", "lambda", "none"] as const;
type Mode = (typeof modes)[number];

interface Sent {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly body?: Buffer;
  /** Whether AWS's signature is in the query. */
  readonly isPresigned?: boolean;
}

const json = { "Content-Type": ["application/json"] };

/** What clients send. The table has the letter of each that does not get through. */
const requests: Readonly<Record<string, Sent>> = {
  "a GET": { target: "/books" },
  "a query with escapes": { target: "/books?q=K%C3%A4fer%20x%26y&plus=b%2Bc&empty=&slash=%2F" },
  "a `+` in the query": { target: "/books?q=a+b" },
  "commas in the query": { target: "/books?ids=1,2" },
  "a parameter that is repeated": { target: "/books?tag=b&tag=a" },
  "a header that is repeated": { target: "/books", headers: { "X-Tag": ["b", "a"] } },
  "a path with spaces and letters beyond ASCII": { target: "/books/K%C3%A4fer%20%E2%82%AC" },
  "a path with other escapes": { target: "/books/a%2Fb%3Ac" },
  "a text body": { method: "POST", target: "/books", headers: json, body: Buffer.from('{"title":"Käfer"}') },
  "a binary body": {
    method: "PUT",
    target: "/books/1/cover",
    headers: { "Content-Type": ["image/png"] },
    body: Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  },
  "a presigned URL": { target: "/books?title=a%20b%2Fc", isPresigned: true },
  "a POST without a body": { method: "POST", target: "/books" },
};

/** As AWS's signers sign it: by the URL that the client uses. */
function signed(sent: Sent, url: URL, secretAccessKey: string): Pick<ClientRequest, "target" | "headers"> {
  const { method = "GET", target, headers = {}, body, isPresigned = false } = sent;
  const { accessKeyId } = kit.accessKeys.machine;
  const joined = Object.entries(headers).map(([name, values]) => [name, values.join(",")]);
  const prefix = url.pathname.replace(/\/$/, "");
  const { headers: all = {}, path = "" } = aws4.sign(
    {
      host: url.host,
      path: prefix + target,
      method,
      headers: Object.fromEntries(joined) as Record<string, string>,
      ...(body !== undefined && { body }),
      ...(isPresigned && { signQuery: true }),
      service: "execute-api",
      region: "us-east-1",
    },
    { accessKeyId, secretAccessKey },
  );
  const lists = Object.entries(all).map(([name, value]) => [name, headers[name] ?? [String(value)]]);
  return {
    // The signer's own path is canonical, but clients send what they wrote.
    target: isPresigned ? path.slice(prefix.length) : target,
    headers: Object.fromEntries(lists) as ClientRequest["headers"],
  };
}

async function requestOf(sent: Sent, mode: Mode, source: EventSource, wrong = false): Promise<ClientRequest> {
  const { method = "GET", target, body } = sent;
  const url = new URL(source.url);
  const own = { Host: [url.host], "X-Forwarded-For": ["203.0.113.7"], ...sent.headers };
  const length = body === undefined ? {} : { "Content-Length": [String(body.length)] };
  const request = { method, target, ...(body !== undefined && { body }) };
  if (mode === "iam") {
    const secret = wrong ? "wrong" : kit.accessKeys.machine.secretAccessKey;
    const { target, headers } = signed(sent, url, secret);
    return { ...request, target, headers: { ...own, ...length, ...headers } };
  }
  const credentials = await credentialsOf(mode, wrong);
  const lists = Object.entries(credentials).map(([name, value]) => [name, [value]]);
  return {
    ...request,
    headers: { ...own, ...length, ...(Object.fromEntries(lists) as ClientRequest["headers"]) },
  };
}

function credentialsOf(mode: Exclude<Mode, "iam">, wrong: boolean) {
  if (mode === "apiKey") return kit.headersFor(mode, wrong ? "wrong" : kit.apiKeys.valid.key);
  if (mode === "userPool") return kit.headersFor(mode, wrong ? { wrong: "tampered" } : {});
  if (mode === "oidc") return kit.headersFor(mode, wrong ? { wrong: "tampered" } : {});
  if (mode === "lambda") return kit.headersFor(mode, kit.authorizer.tokens[wrong ? "denied" : "authorized"]);
  return wrong ? { authorization: "Basic dTpw" } : kit.headersFor(mode);
}

/** Adapters that cut a base path by themselves, so that `publicUrl` names it. */
const cutsBasePath = (adapter: LambdaAdapter) => adapter.name.includes("serverless-express");

function publicUrlOf(source: EventSource, adapter: LambdaAdapter): string {
  const isCut = source.name.includes("base path")
    ? cutsBasePath(adapter)
    : source.name === "REST API, URL with a stage";
  return isCut ? source.url : new URL(source.url).origin;
}

/** What does not get through, in one mode. */
async function failures(adapter: LambdaAdapter, source: EventSource, mode: Mode): Promise<readonly string[]> {
  const auth = kit.auth({ publicUrl: publicUrlOf(source, adapter) });
  auth.onEvent(() => {});
  const handler = adapter.create(auth);
  const failed: string[] = [];
  for (const [what, sent] of Object.entries(requests)) {
    const { statusCode, body, isBase64Encoded } = await handler(
      source.eventOf(await requestOf(sent, mode, source)),
    );
    const text = isBase64Encoded === true ? Buffer.from(body, "base64").toString() : body;
    const expected = { mode, body: (sent.body ?? Buffer.alloc(0)).toString("base64") };
    if (statusCode !== 200) failed.push(what);
    else expect({ what, ...(JSON.parse(text) as object) }).toEqual({ what, ...expected });
  }
  const answer = await handler(source.eventOf(await requestOf({ target: "/books" }, mode, source, true)));
  expect([mode, answer.statusCode]).toEqual([mode, 401]);
  return failed;
}

const page = await readFile(new URL("../docs/guides/aws-lambda.md", import.meta.url), "utf8");

describe("docs/guides/aws-lambda.md", async () => {
  /** By event source, mode and adapter. */
  const found = await Promise.all(
    eventSources.map(async (source) => ({
      source,
      modes: await Promise.all(
        modes.map(async (mode) => ({
          mode,
          failed: await Promise.all(lambdaAdapters.map((adapter) => failures(adapter, source, mode))),
        })),
      ),
    })),
  );
  const kinds = Object.keys(requests).filter((what) =>
    found.some(({ modes }) => modes.some(({ failed }) => failed.some((all) => all.includes(what)))),
  );
  const letterOf = (what: string) => "abcdefghijk"[kinds.indexOf(what)];
  const cellOf = (failed: readonly string[]) =>
    failed.length === 0 ? "yes" : `not ${failed.map(letterOf).join(" ")}`;

  it("has the table of adapters, events and modes", () => {
    const lines = [
      `| event | mode | ${lambdaAdapters.map(({ name }) => name).join(" | ")} |`,
      `|---|---|${lambdaAdapters.map(() => "---|").join("")}`,
    ];
    for (const { source, modes } of found) {
      // Modes of one line differ in nothing.
      const byCells = new Map<string, string[]>();
      for (const { mode, failed } of modes) {
        const cells = failed.map(cellOf).join(" | ");
        byCells.set(cells, [...(byCells.get(cells) ?? []), `\`${mode}\``]);
      }
      for (const [cells, same] of byCells) lines.push(`| ${source.name} | ${same.join(", ")} | ${cells} |`);
    }
    const table = lines.join("\n");
    console.log(table);
    expect(page).toContain(`\n${table}\n`);
  });

  it("says what each letter means, and nothing else", () => {
    const said = [...page.matchAll(/^\| ([a-k]) \| ([^|]+) \|/gm)].map(([, letter, what]) => [letter, what]);
    expect(said).toEqual(kinds.map((what) => [letterOf(what), what]));
  });

  it("is right that a stage in the URL is signed, and has to be named", async () => {
    const [source] = eventSources;
    const [adapter] = lambdaAdapters;
    if (source === undefined || adapter === undefined) throw new Error("nothing to ask");
    const ask = async (publicUrl?: string) => {
      const auth = kit.auth(publicUrl === undefined ? {} : { publicUrl });
      auth.onEvent(() => {});
      const request = await requestOf({ target: "/books" }, "iam", source);
      return (await adapter.create(auth)(source.eventOf(request))).statusCode;
    };
    expect([await ask(), await ask(source.url)]).toEqual([401, 200]);
  });
});

describe.each(lambdaAdapters)("$name", (adapter) => {
  const at = (source: EventSource, options: object = {}) => {
    const cookie = userPool({ ...kit.userPool.options, from: { cookie: "session" }, ...options });
    const auth = createAuth([cookie, apiKey({ keys: [kit.apiKeys.valid.stored] })], { clock: kit.clock.now });
    auth.onEvent(() => {});
    const handler = adapter.create(auth);
    return async (headers: ClientRequest["headers"], change: object = {}) => {
      const sent = {
        method: "GET",
        target: "/books",
        headers: { Host: [new URL(source.url).host], ...headers },
      };
      const { statusCode } = await handler({ ...source.eventOf(sent), ...change });
      return statusCode;
    };
  };

  it.each(eventSources)("reads a token in a cookie beside others: $name", async (source) => {
    const { authorization = "" } = await kit.headersFor("userPool", {});
    const ask = at(source);
    expect(await ask({ Cookie: [`theme=dark; session=${authorization}; lang=de`] })).toBe(200);
    expect(await ask({ Cookie: [`theme=dark; session=${authorization}x; lang=de`] })).toBe(401);
  });

  it.each(eventSources)("never accepts a key that is beside another: $name", async (source) => {
    const ask = at(source);
    const { key } = kit.apiKeys.valid;
    expect(await ask({ "X-Api-Key": [key] })).toBe(200);
    expect(await ask({ "X-Api-Key": [key, "other"] })).not.toBe(200);
  });

  it.each(eventSources.filter(({ name }) => name.startsWith("REST")))(
    "rejects the gateway's own test call, which has no headers: $name",
    async (source) => {
      expect(await at(source)({}, { headers: null, multiValueHeaders: null })).toBe(401);
    },
  );
});
