import { parseArgs, type ParseArgsConfig } from "node:util";
import { type Io, UsageError } from "../io.ts";
import { readBytes } from "../files.ts";
import { splitWords } from "../shell.ts";
import type { WrittenRequest } from "./request.ts";

export function isCurl(text: string): boolean {
  return /^\s*(?:\$ )?curl\s/.test(text);
}

/** curl's options with a value, each with its letter. */
const valued = (
  "request:X url header:H cookie:b user-agent:A user:u oauth2-bearer aws-sigv4 data:d data-ascii data-raw data-binary " +
  "data-urlencode json form:F upload-file:T " +
  // These say nothing about the request.
  "output:o write-out:w max-time:m connect-timeout retry resolve connect-to cacert cert key proxy:x dump-header:D " +
  "cookie-jar:c"
).split(" ");

/** Also the two flags that change the request. */
const options: NonNullable<ParseArgsConfig["options"]> = {
  get: { type: "boolean", short: "G" },
  head: { type: "boolean", short: "I" },
};
for (const option of valued) {
  const [name = "", short] = option.split(":");
  options[name] = { type: "string", ...(short !== undefined && { short }) };
}

/** Options that are one header. */
const headerOf: Readonly<Record<string, (value: string) => [name: string, value: string] | undefined>> = {
  // `-H 'Accept:'` takes a header away.
  header: (line) => {
    const [, name, value] = /^([^:]+):\s*(\S.*?)\s*$/s.exec(line) ?? [];
    return name === undefined || value === undefined ? undefined : [name, value];
  },
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
  if (name === "request") found.method = value;
  if (name === "head") found.method ??= "HEAD";
  if (name === "url") found.url = value;
  if (name === "get") found.inQuery = true;
  if (name === "json") {
    found.headers.push(["Content-Type", "application/json"], ["Accept", "application/json"]);
    found.data.push(await dataOf(name, value, io));
  } else if (name.startsWith("data")) {
    found.data.push(await dataOf(name, value, io));
    found.isForm = true;
  } else if (name === "aws-sigv4") {
    throw new UsageError(
      "curl signs this request when it sends it. Add -v to the line, call, and give the lines that begin with '>' " +
        "(without that sign) as a file:\n  npx authmodes explain request.txt",
    );
  } else if (name === "form" || name === "upload-file") {
    throw new UsageError(
      `What ${rawName} sends cannot be told from the line; write the request into a file:\n  npx authmodes explain request.txt`,
    );
  }
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
