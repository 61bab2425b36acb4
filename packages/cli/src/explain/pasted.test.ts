import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { UsageError } from "../io.ts";
import { readGiven } from "./given.ts";
import type { WrittenRequest } from "./request.ts";

// What people paste from shells, browsers and API clients: it is read as the request that it sends, or rejected with what
// to give instead.

const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzIn0.c2ln";
const bearer = `Bearer ${token}`;

async function read(text: string, env: Readonly<Record<string, string>> = {}): Promise<WrittenRequest> {
  const ignored = { write: () => {} };
  const stdin = Readable.from([text]);
  const io = { args: [], stdout: ignored, stderr: ignored, stdin, env, cwd: () => process.cwd() };
  const given = await readGiven("-", io);
  if (typeof given === "string") throw new Error("it was taken for an id");
  return given;
}

const headersOf = ({ headers }: WrittenRequest) =>
  Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));

interface Pasted {
  readonly what: string;
  readonly text: string;
  readonly method?: string;
  readonly target?: string;
  readonly host?: string;
  readonly body?: string;
  readonly more?: Readonly<Record<string, string>>;
}

const pasted: readonly Pasted[] = [
  {
    what: "a browser's curl line for Windows' cmd",
    text: `curl ^"https://api.example.com/books?x=1^" ^\n  -H ^"accept: application/json^" ^\n  -H ^"authorization: ${bearer}^" ^\n  --data-raw ^"^{^\\^"a^\\^":1,^\\^"b^\\^":^\\^"$5 ^%^\\^"^}^"\n`,
    method: "POST",
    target: "/books?x=1",
    body: '{"a":1,"b":"$5 %"}',
    more: { accept: "application/json" },
  },
  {
    what: "the same with the line ends of Windows",
    text: `curl ^"https://api.example.com/books^" ^\r\n  -H ^"authorization: ${bearer}^"\r\n`,
  },
  {
    what: "quotes with escapes of bash",
    text: `curl https://api.example.com/books -H $'Authorization: ${bearer}' --data-binary $'{"t":"K\\u00e4fer"}'`,
    method: "POST",
    body: '{"t":"Käfer"}',
  },
  {
    what: "the headers of HTTP/2",
    text: `:method: DELETE\n:path: /books?x=1\n:authority: api.example.com\n:scheme: https\nauthorization: ${bearer}\n`,
    method: "DELETE",
    target: "/books?x=1",
  },
  {
    what: "a URL without a scheme",
    text: `curl -H 'Authorization: ${bearer}' localhost:3000/books`,
    host: "localhost:3000",
  },
  {
    what: "a line of Postman",
    text: `curl --location --request POST 'https://api.example.com/books' --header 'Authorization: ${bearer}' --header 'Content-Type: application/json' --data-raw '{\n    "title": "Emma"\n}'`,
    method: "POST",
    body: '{\n    "title": "Emma"\n}',
    more: { "content-type": "application/json" },
  },
  {
    what: "short options in one word, and --json",
    text: `curl -sSLv -XPOST -H'Authorization: ${bearer}' --json '{"a":1}' https://api.example.com/books`,
    method: "POST",
    body: '{"a":1}',
    more: { "content-type": "application/json", accept: "application/json" },
  },
];

describe("explain reads what people paste", () => {
  it.each(pasted)("$what", async ({ text, method = "GET", target = "/books", host, body = "", more }) => {
    const request = await read(text);
    expect([request.method, request.target, request.body.toString()]).toEqual([method, target, body]);
    expect(headersOf(request)).toMatchObject({
      authorization: bearer,
      host: host ?? "api.example.com",
      ...more,
    });
  });

  it("puts variables in that are set, and asks for others", async () => {
    const line = 'curl -H "Authorization: Bearer $TOKEN" https://api.example.com/books';
    expect(headersOf(await read(line, { TOKEN: token }))).toMatchObject({ authorization: bearer });
    await expect(read(line)).rejects.toThrow(
      "the variable TOKEN is not set here; export it, or write its value",
    );
  });

  it.each([
    [
      "a line that curl signs",
      "curl --aws-sigv4 'aws:amz:us-east-1:execute-api' --user 'AKID:secret' https://a/b",
      "Add -v",
    ],
    [
      "a form",
      `curl -H 'Authorization: ${bearer}' -F file=@a.png https://a/b`,
      "write the request into a file",
    ],
    [
      "a line of HTTPie",
      `http GET https://a/b 'Authorization: ${bearer}'`,
      "http --offline … | npx authmodes explain -",
    ],
    [
      "a line of HTTPie over https",
      `https a/b 'Authorization: ${bearer}'`,
      "http --offline … | npx authmodes explain -",
    ],
    [
      "headers of HTTP/2 with a broken line",
      ":method: GET\n:path: /\nbroken\n",
      "Line 3 of the request is not a header",
    ],
  ])("rejects %s with what to give, and shows no secret", async (_what, text, sentence) => {
    const error: unknown = await read(text).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain(sentence);
    expect(String(error)).not.toMatch(/secret|c2ln/);
  });
});
