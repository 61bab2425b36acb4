import { UsageError } from "../io.ts";
import type { WrittenRequest } from "./request.ts";

const requestLine = /^([!#$%&'*+.^_`|~\w-]+) (\S+) HTTP\/\d(?:\.\d)?$/;

export function isHttp(text: string): boolean {
  return requestLine.test(text.trimStart().split(/\r?\n/, 1)[0] ?? "");
}

/**
 * A request as it goes over the wire. Lines may end as editors end them.
 * @param text its bytes, a character each
 * @throws UsageError with the line
 */
export function parseHttp(text: string): WrittenRequest {
  const start = text.trimStart();
  const end = /\r?\n\r?\n/.exec(start);
  const head = end === null ? start.trimEnd() : start.slice(0, end.index);
  const [first = "", ...lines] = head.split(/\r?\n/);
  const [, method = "", target = ""] = requestLine.exec(first) ?? [];
  const headers = lines.map((line, index): [string, string] => {
    const [, name, value] = /^([^:\s]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) return [name, value];
    throw new UsageError(
      `Line ${index + 2} of the request is not a header; it is 'name: value', then an empty line`,
    );
  });
  const rest = end === null ? "" : start.slice(end.index + end[0].length);
  const declared = headers.find(([name]) => name.toLowerCase() === "content-length")?.[1];
  const length = declared === undefined ? rest.length : Number(declared);
  // An editor's line break at the end of the file is no part of the body.
  const body = declared === undefined ? rest.replace(/\r?\n$/, "") : rest.slice(0, length);
  return { method, target, headers, body: Buffer.from(body, "latin1") };
}
