import { UsageError } from "../io.ts";
import type { WrittenRequest } from "./request.ts";

const requestLine = /^([!#$%&'*+.^_`|~\w-]+) (\S+) HTTP\/\d(?:\.\d)?$/;

/** HTTP/2 writes the request line as headers (RFC 9113 §8.3.1), and so do browsers that show such a request. */
const pseudoHeader = /^:(?:method|path|authority|scheme):/;

export function isHttp(text: string): boolean {
  const first = text.trimStart().split(/\r?\n/, 1)[0] ?? "";
  return requestLine.test(first) || pseudoHeader.test(first);
}

/**
 * A request as it goes over the wire, of HTTP/1 or as headers of HTTP/2. Lines may end as editors end them.
 * @param text its bytes, a character each
 * @throws UsageError with the line
 */
export function parseHttp(text: string): WrittenRequest {
  const start = text.trimStart();
  const end = /\r?\n\r?\n/.exec(start);
  const head = end === null ? start.trimEnd() : start.slice(0, end.index);
  const lines = head.split(/\r?\n/);
  const [, method, target] = requestLine.exec(lines[0] ?? "") ?? [];
  const fields = lines.slice(method === undefined ? 0 : 1).map((line): [string, string] => {
    const [, name, value] = /^(:?[^:\s]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) return [name, value];
    throw new UsageError(
      `Line ${lines.indexOf(line) + 1} of the request is not a header; it is 'name: value', then an empty line`,
    );
  });
  const pseudo = new Map(fields.filter(([name]) => name.startsWith(":")));
  const authority = pseudo.get(":authority");
  const headers = [
    ...(authority === undefined ? [] : [["Host", authority] as const]),
    ...fields.filter(([name]) => !pseudo.has(name)),
  ];
  const rest = end === null ? "" : start.slice(end.index + end[0].length);
  const declared = headers.find(([name]) => name.toLowerCase() === "content-length")?.[1];
  const length = declared === undefined ? rest.length : Number(declared);
  // An editor's line break at the end of the file is no part of the body.
  const body = declared === undefined ? rest.replace(/\r?\n$/, "") : rest.slice(0, length);
  return {
    method: method ?? pseudo.get(":method") ?? "GET",
    target: target ?? pseudo.get(":path") ?? "/",
    headers,
    body: Buffer.from(body, "latin1"),
  };
}
