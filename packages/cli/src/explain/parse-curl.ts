import { parseArgs } from "node:util";
import { type Io, UsageError } from "../io.ts";
import { readBytes } from "../files.ts";
import { splitWords } from "../shell.ts";
import type { WrittenRequest } from "./request.ts";

export function isCurl(text: string): boolean {
  return /^\s*(?:\$ )?curl\s/.test(text);
}

const value = { type: "string" } as const;

/** curl's options with a value, and its two flags that change the request. */
const options = {
  request: { ...value, short: "X" },
  url: value,
  header: { ...value, short: "H" },
  cookie: { ...value, short: "b" },
  "user-agent": { ...value, short: "A" },
  user: { ...value, short: "u" },
  "oauth2-bearer": value,
  "aws-sigv4": value,
  data: { ...value, short: "d" },
  "data-ascii": value,
  "data-raw": value,
  "data-binary": value,
  "data-urlencode": value,
  json: value,
  form: { ...value, short: "F" },
  "upload-file": { ...value, short: "T" },
  get: { type: "boolean", short: "G" },
  head: { type: "boolean", short: "I" },
  // The rest say nothing about the request.
  output: { ...value, short: "o" },
  "write-out": { ...value, short: "w" },
  "max-time": { ...value, short: "m" },
  "connect-timeout": value,
  retry: value,
  resolve: value,
  "connect-to": value,
  cacert: value,
  cert: value,
  key: value,
  proxy: { ...value, short: "x" },
  "dump-header": { ...value, short: "D" },
  "cookie-jar": { ...value, short: "c" },
} as const;

/** Options that are one header. */
const headerOf: Readonly<Record<string, (value: string) => [name: string, value: string]>> = {
  cookie: (pairs) => ["Cookie", pairs],
  "user-agent": (agent) => ["User-Agent", agent],
  user: (pair) => ["Authorization", `Basic ${btoa(pair)}`],
  "oauth2-bearer": (token) => ["Authorization", `Bearer ${token}`],
};

interface Found {
  method?: string;
  url?: string;
  readonly headers: [string, string][];
  readonly data: Buffer[];
  isForm: boolean;
  inQuery: boolean;
}

/**
 * What a curl command sends. Nothing is run; variables are those of this process.
 * @throws UsageError for what cannot be told from the line
 */
export async function parseCurl(line: string, io: Io): Promise<WrittenRequest> {
  const [, ...args] = wordsOf(line, io);
  const found: Found = { headers: [], data: [], isForm: false, inQuery: false };
  for (const token of parseArgs({ args, options, strict: false, tokens: true }).tokens) {
    if (token.kind === "positional") found.url = token.value;
    if (token.kind === "option") await take(token, found, io);
  }
  return requestOf(found);
}

function wordsOf(line: string, io: Io): readonly string[] {
  try {
    return splitWords(fromCmd(line).trim().replace(/^\$ /, ""), io.env);
  } catch (error) {
    throw new UsageError(`The curl line cannot be read: ${error instanceof Error ? error.message : ""}`, {
      cause: error,
    });
  }
}

/** A line that browsers copy for Windows' cmd, with a caret before what cmd would read, as a POSIX shell takes it. */
function fromCmd(line: string): string {
  if (!/\^["\r\n]/.test(line)) return line;
  return line
    .replaceAll(/\^\r?\n/g, " ")
    .replaceAll(/\^([^])/g, "$1")
    .replaceAll(/[$`]/g, "\\$&");
}

interface Given {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
}

async function take({ name, rawName, value = "" }: Given, found: Found, io: Io): Promise<void> {
  const header = headerOf[name]?.(value);
  if (header !== undefined) found.headers.push(header);
  if (name === "json") {
    found.headers.push(["Content-Type", "application/json"], ["Accept", "application/json"]);
    found.data.push(await dataOf(name, value, io));
  } else if (name.startsWith("data")) {
    found.data.push(await dataOf(name, value, io));
    found.isForm = true;
  }
  switch (name) {
    case "request":
      found.method = value;
      break;
    case "url":
      found.url = value;
      break;
    case "header":
      takeHeader(value, found);
      break;
    case "get":
      found.inQuery = true;
      break;
    case "head":
      found.method ??= "HEAD";
      break;
    case "aws-sigv4":
      throw new UsageError(
        "curl signs this request when it sends it. Add -v to the line, call, and give the lines that begin with '>' " +
          "(without that sign) as a file:\n  npx authmodes explain request.txt",
      );
    case "form":
    case "upload-file":
      throw new UsageError(
        `What ${rawName} sends cannot be told from the line; write the request into a file:\n  npx authmodes explain request.txt`,
      );
  }
}

function takeHeader(line: string, found: Found): void {
  const [, name, value] = /^([^:]+):\s*(.*?)\s*$/s.exec(line) ?? [];
  // `-H 'Accept:'` takes a header away.
  if (name !== undefined && value !== undefined && value !== "") found.headers.push([name, value]);
}

async function dataOf(name: string, value: string, io: Io): Promise<Buffer> {
  if (name === "data-urlencode") {
    const start = value.indexOf("=") + 1;
    return Buffer.from((start > 1 ? value.slice(0, start) : "") + encodeURIComponent(value.slice(start)));
  }
  if (name === "data-raw" || !value.startsWith("@")) return Buffer.from(value);
  const bytes = await readBytes(value.slice(1), io);
  const isBinary = name === "data-binary" || name === "json";
  return isBinary ? bytes : Buffer.from(bytes.toString("latin1").replaceAll(/[\r\n]/g, ""), "latin1");
}

function requestOf({ method, url, headers, data, isForm, inQuery }: Found): WrittenRequest {
  const whole = url !== undefined && /^[a-z]+:\/\//i.test(url) ? url : `http://${url ?? ""}`;
  if (url === undefined || !URL.canParse(whole)) throw new UsageError("The curl line names no URL");
  const joined = data.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from("&"), part]));
  const body = Buffer.concat(joined);
  const has = (name: string) => headers.some(([other]) => other.toLowerCase() === name);
  const target = targetOf(whole);
  const sendsBody = data.length > 0 && !inQuery;
  return {
    method: method ?? (sendsBody ? "POST" : "GET"),
    target:
      inQuery && body.length > 0
        ? `${target}${target.includes("?") ? "&" : "?"}${body.toString("latin1")}`
        : target,
    headers: [
      ...(has("host") ? [] : [["Host", new URL(whole).host] as const]),
      ...headers,
      ...(sendsBody && isForm && !has("content-type")
        ? [["Content-Type", "application/x-www-form-urlencoded"] as const]
        : []),
    ],
    body: sendsBody ? body : Buffer.alloc(0),
  };
}

/** As it is written, but for dot segments, which curl resolves; a fragment stays behind. */
function targetOf(url: string): string {
  const [, rest = ""] = /^[a-z]+:\/\/[^/?#]*([^#]*)/i.exec(url) ?? [];
  const target = rest.startsWith("/") ? rest : `/${rest}`;
  return /\/\.{1,2}(?:[/?]|$)/.test(target) ? new URL(url).pathname + new URL(url).search : target;
}
