import { readFile } from "node:fs/promises";
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
}

const json = { "Content-Type": ["application/json"] };

/** What clients send. Where something does not get through, the table has its letter. */
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
  "an empty body": { method: "POST", target: "/books", headers: { "Content-Length": ["0"] } },
};

/** As AWS's signers sign it: by the URL that the client uses. */
function signed({ method = "GET", target, headers = {}, body }: Sent, url: URL, secretAccessKey: string) {
  const { accessKeyId } = kit.accessKeys.machine;
  const joined = Object.entries(headers).map(([name, values]) => [name, values.join(",")]);
  const { headers: all = {} } = aws4.sign(
    {
      host: url.host,
      path: url.pathname.replace(/\/$/, "") + target,
      method,
      headers: Object.fromEntries(joined) as Record<string, string>,
      ...(body !== undefined && { body }),
      service: "execute-api",
      region: "us-east-1",
    },
    { accessKeyId, secretAccessKey },
  );
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name, headers[name] ?? [String(value)]]),
  );
}

async function requestOf(sent: Sent, mode: Mode, source: EventSource, wrong = false): Promise<ClientRequest> {
  const { method = "GET", target, body } = sent;
  const url = new URL(source.url);
  const own = { Host: [url.host], "X-Forwarded-For": ["203.0.113.7"], ...sent.headers };
  const length = body === undefined ? {} : { "Content-Length": [String(body.length)] };
  const request = { method, target, ...(body !== undefined && { body }) };
  if (mode === "iam") {
    const secret = wrong ? "wrong" : kit.accessKeys.machine.secretAccessKey;
    return { ...request, headers: { ...own, ...length, ...signed(sent, url, secret) } };
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
