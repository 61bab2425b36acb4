import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type Io, readInput, UsageError } from "../io.ts";
import { readBytes } from "../files.ts";
import { isCurl, parseCurl } from "./parse-curl.ts";
import { isHttp, parseHttp } from "./parse-http.ts";
import { refusalIdOf } from "./refusal-log.ts";
import type { WrittenRequest } from "./request.ts";
import { tokenIn } from "./token.ts";

const whatToGive = `Give a token, a curl line or a request, in a file or by standard input, or the id of a rejection:
  npx authmodes explain token.txt
  pbpaste | npx authmodes explain -
  npx authmodes explain 0b8c7a52-7a3c-4c1f-9a51-0d5d1f0c6f11 --log server.log`;

const httpieAdvice = `A line of HTTPie is not read. Let HTTPie print what it would send, and give that:
  http --offline … | npx authmodes explain -`;

/**
 * The id of a rejection, or a request.
 * @throws UsageError if it is neither
 */
export async function readGiven(argument: string | undefined, io: Io): Promise<string | WrittenRequest> {
  const id = argument === undefined ? undefined : refusalIdOf(argument);
  if (id !== undefined) return id;
  const text = await textOf(argument, io);
  return refusalIdOf(text) ?? requestIn(text, io);
}

/** A character for each byte, so that a body stays what it is. */
async function textOf(argument: string | undefined, io: Io): Promise<string> {
  if (argument === "-" || (argument === undefined && io.stdin.isTTY !== true)) {
    return (await readInput(io)).toString("latin1");
  }
  if (argument === undefined) throw new UsageError(whatToGive);
  if (await isFile(argument, io)) return (await readBytes(argument, io)).toString("latin1");
  if (!/\s/.test(argument) && tokenIn(argument) === undefined && !/^https?:/.test(argument)) {
    throw new UsageError(`There is no such file, and it is not a token either.\n${whatToGive}`);
  }
  io.stderr.write(
    "note: others on this machine can read what a program was called with; a file or - hides it\n",
  );
  return Buffer.from(argument).toString("latin1");
}

async function isFile(path: string, io: Io): Promise<boolean> {
  return stat(resolve(io.cwd(), path)).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function requestIn(text: string, io: Io): Promise<WrittenRequest> {
  if (isCurl(text)) return parseCurl(Buffer.from(text, "latin1").toString("utf8"), io);
  if (isHttp(text)) return parseHttp(text);
  if (/^\s*(?:\$ )?(?:https?|xhs?)\s+\S/.test(text)) throw new UsageError(httpieAdvice);
  const empty = { method: "GET", target: "/", headers: [], body: Buffer.alloc(0) };
  const word = text.trim();
  const [, value = word] = /^authorization: *(.*)$/i.exec(word) ?? [];
  if (tokenIn(value) !== undefined || /^(?:bearer|basic|dpop) +\S+$/i.test(value)) {
    return { ...empty, headers: [["Authorization", value]] };
  }
  if (/^https?:\/\/\S+$/.test(word) && URL.canParse(word)) {
    const { host } = new URL(word);
    return {
      ...empty,
      target: word.replace(/^https?:\/\/[^/?#]*/, "") || "/",
      headers: [["Host", host]],
    };
  }
  throw new UsageError(`This is neither a token nor a request; other credentials need one around them:
  curl -H 'x-api-key: …' https://api.example.com/books
${whatToGive}`);
}
