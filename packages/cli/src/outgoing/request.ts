import { type Io, printable, readInput, UsageError } from "../io.ts";
import { parseJson } from "../values.ts";
import { readBytes } from "../files.ts";

/** The flags of `sign` and `call` that say what is sent. */
export interface RequestOptions {
  readonly url?: string;
  readonly header?: readonly string[];
  readonly data?: string;
}

export interface PlannedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
}

const defaultBase = "http://127.0.0.1:4000";

/**
 * @param words `GET /books`, or the target alone
 * @throws UsageError
 */
export async function plannedRequest(
  words: readonly string[],
  options: RequestOptions,
  io: Io,
): Promise<PlannedRequest> {
  const [first = "", second] = words;
  const body = options.data === undefined ? undefined : await readBody(options.data, io);
  const headers = headersOf(options.header ?? []);
  if (body !== undefined && !headers.has("content-type")) headers.set("content-type", typeOf(body));
  const method = second === undefined ? (body === undefined ? "GET" : "POST") : first.toUpperCase();
  if (!/^[A-Z]+$/.test(method)) {
    throw new UsageError(`'${printable(first)}' is not a method; write one such as GET before the path`);
  }
  if (body !== undefined && (method === "GET" || method === "HEAD")) {
    throw new UsageError(`A ${method} has no body; write POST, or leave out --data`);
  }
  return {
    method,
    url: urlOf(second ?? first, options.url ?? io.env["AUTHMODES_URL"] ?? defaultBase),
    headers,
    body,
  };
}

function urlOf(target: string, base: string): URL {
  const root = URL.canParse(base) ? new URL(base) : undefined;
  if (root === undefined || !/^https?:$/.test(root.protocol)) {
    throw new UsageError(`--url (or AUTHMODES_URL) is where the server is, such as ${defaultBase}`);
  }
  const isWhole = /^https?:\/\//i.test(target);
  if (!isWhole && !target.startsWith("/")) {
    throw new UsageError(`'${printable(target)}' is neither a URL nor a path; write /${printable(target)}`);
  }
  // A base may have a path of its own, such as the stage of an API Gateway.
  const text = isWhole ? target : root.origin + root.pathname.replace(/\/$/, "") + target;
  if (!URL.canParse(text)) throw new UsageError(`'${printable(text)}' is not a URL`);
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    throw new UsageError("The URL holds a user name or a password; send a header instead");
  }
  return url;
}

function headersOf(lines: readonly string[]): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    try {
      headers.append(name ?? "", value ?? "");
    } catch {
      // Without the value, which may be a key.
      throw new UsageError(`'${printable(name ?? "")}' is not a header; write -H 'name: value'`);
    }
  }
  return headers;
}

async function readBody(data: string, io: Io): Promise<Uint8Array<ArrayBuffer>> {
  if (data === "@-") return new Uint8Array(await readInput(io));
  if (data.startsWith("@")) return new Uint8Array(await readBytes(data.slice(1), io));
  return new TextEncoder().encode(data);
}

function typeOf(body: Uint8Array): string {
  const isJson = parseJson(new TextDecoder().decode(body)) !== undefined;
  return isJson ? "application/json" : "application/octet-stream";
}
