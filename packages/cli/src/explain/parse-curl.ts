import { type Io, UsageError } from "../io.ts";
import { readBytes } from "../read-file.ts";
import { splitWords } from "../shell.ts";
import type { WrittenRequest } from "./request.ts";

export function isCurl(text: string): boolean {
  return /^\s*(?:\$ )?curl\s/.test(text);
}

/** Options with a value that say nothing about the request. */
const ignoredWithValue: ReadonlySet<string> = new Set([
  "-o",
  "--output",
  "-w",
  "--write-out",
  "-m",
  "--max-time",
  "--connect-timeout",
  "--retry",
  "--resolve",
  "--connect-to",
  "--cacert",
  "--cert",
  "--key",
  "-x",
  "--proxy",
  "-D",
  "--dump-header",
  "-c",
  "--cookie-jar",
]);

const dataOptions: ReadonlySet<string> = new Set([
  "-d",
  "--data",
  "--data-ascii",
  "--data-raw",
  "--data-binary",
  "--data-urlencode",
  "--json",
]);

interface Found {
  method: string | undefined;
  url: string | undefined;
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
  const words = wordsOf(line, io);
  const found: Found = {
    method: undefined,
    url: undefined,
    headers: [],
    data: [],
    isForm: false,
    inQuery: false,
  };
  for (let at = 1; at < words.length; at++) {
    const { name, attached } = optionOf(words[at] ?? "");
    const value = (): string => attached ?? words[++at] ?? "";
    await take(name, value, found, io);
  }
  return requestOf(found);
}

function wordsOf(line: string, io: Io): readonly string[] {
  try {
    return splitWords(line.trim().replace(/^\$ /, ""), io.env);
  } catch (error) {
    throw new UsageError(`The curl line cannot be read: ${error instanceof Error ? error.message : ""}`, {
      cause: error,
    });
  }
}

/** `-XPOST`, `-X POST`, `--request=POST` is not known to curl but to people. */
function optionOf(word: string): { readonly name: string; readonly attached: string | undefined } {
  const long = /^(--[a-z0-9-]+)=(.*)$/s.exec(word);
  if (long !== null) return { name: long[1] ?? "", attached: long[2] };
  const short = /^(-[XHdbuoA])(.+)$/s.exec(word);
  return short === null ? { name: word, attached: undefined } : { name: short[1] ?? "", attached: short[2] };
}

async function take(name: string, value: () => string, found: Found, io: Io): Promise<void> {
  if (dataOptions.has(name)) return takeData(name, value(), found, io);
  if (ignoredWithValue.has(name)) return void value();
  switch (name) {
    case "-X":
    case "--request":
      found.method = value();
      return;
    case "-H":
    case "--header":
      return takeHeader(value(), found);
    case "-b":
    case "--cookie":
      return void found.headers.push(["Cookie", value()]);
    case "-A":
    case "--user-agent":
      return void found.headers.push(["User-Agent", value()]);
    case "-u":
    case "--user":
      return void found.headers.push(["Authorization", `Basic ${btoa(value())}`]);
    case "--oauth2-bearer":
      return void found.headers.push(["Authorization", `Bearer ${value()}`]);
    case "-I":
    case "--head":
      found.method ??= "HEAD";
      return;
    case "-G":
    case "--get":
      found.inQuery = true;
      return;
    case "--url":
      found.url = value();
      return;
    case "--aws-sigv4":
      throw new UsageError(
        "curl signs this request when it sends it. Add -v to the line, call, and give the lines that begin with '>' " +
          "(without that sign) as a file:\n  authmodes explain request.txt",
      );
    case "-F":
    case "--form":
    case "-T":
    case "--upload-file":
      throw new UsageError(
        `What ${name} sends cannot be told from the line; write the request into a file:\n  authmodes explain request.txt`,
      );
    default:
      if (!name.startsWith("-")) found.url = name;
  }
}

function takeHeader(line: string, found: Found): void {
  const [, name, value] = /^([^:]+):\s*(.*?)\s*$/s.exec(line) ?? [];
  // `-H 'Accept:'` takes a header away.
  if (name !== undefined && value !== undefined && value !== "") found.headers.push([name, value]);
}

async function takeData(name: string, value: string, found: Found, io: Io): Promise<void> {
  const isFile = value.startsWith("@") && name !== "--data-raw" && name !== "--data-urlencode";
  const bytes = isFile ? await readBytes(value.slice(1), io) : Buffer.from(encodedData(name, value));
  const isBinary = name === "--data-binary" || name === "--json";
  found.data.push(
    isFile && !isBinary ? Buffer.from(bytes.toString("latin1").replaceAll(/[\r\n]/g, ""), "latin1") : bytes,
  );
  if (name === "--json")
    found.headers.push(["Content-Type", "application/json"], ["Accept", "application/json"]);
  else found.isForm = true;
}

function encodedData(name: string, value: string): string {
  if (name !== "--data-urlencode") return value;
  const equals = value.indexOf("=");
  const encode = (text: string) => encodeURIComponent(text);
  return equals <= 0
    ? encode(value.slice(equals + 1))
    : value.slice(0, equals + 1) + encode(value.slice(equals + 1));
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
