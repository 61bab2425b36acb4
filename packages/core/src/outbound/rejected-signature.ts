import { Cache } from "../lib/cache.ts";
import { parseAmzDate, parseHttpDate } from "../sigv4/signing.ts";
import type { OutboundRequest } from "./header-source.ts";

// What a server's answer says of a signature that it rejected. Only headers are read: the body belongs to the caller.

/** What AWS calls a signature of another time or of a wrong key; the last is AppSync's name. */
const rejections: ReadonlySet<string> = new Set([
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "RequestExpired",
  "RequestInTheFuture",
  "RequestTimeTooSkewed",
  "BadRequestException",
]);
const expirations: ReadonlySet<string> = new Set(["ExpiredTokenException", "ExpiredToken"]);

/** AWS rejects signatures with 403, and for some services with 400; this project's server with 401 too. */
export function rejectedBy(answer: Response): boolean {
  if (answer.status === 401) return true;
  const type = errorTypeOf(answer);
  return (answer.status === 403 || answer.status === 400) && (rejections.has(type) || expirations.has(type));
}

/** Whether an answer says that the session of the credentials has expired. */
export function callsExpired(answer: Response): boolean {
  return expirations.has(errorTypeOf(answer));
}

/** Services write a namespace before the name, or a colon and more after it. */
function errorTypeOf({ headers }: Response): string {
  return /^(?:[^#]*#)?([^:,]*)/.exec(headers.get("x-amzn-errortype") ?? "")?.[1] ?? "";
}

/** Servers tolerate 300 s; with less skew a rejection has another cause. */
const toleratedSkew = 240_000;

/** What the answers of servers say of their clocks. */
export class Clocks {
  /** By origin: how many milliseconds its clock is ahead of this machine's. */
  readonly #ahead = new Cache<number>(100);

  /** Returns the time to sign by, and whether a server would see another time than that of the first try. */
  timeFor({ url, refused, tried }: OutboundRequest, now: number): { time: number; isOther: boolean } {
    const time = now + (this.#ahead.get(url.origin) ?? 0);
    const triedTime = parseAmzDate(tried?.["x-amz-date"] ?? "") ?? time;
    const theirs = parseHttpDate(refused?.headers.get("date") ?? "");
    if (theirs === undefined || Math.abs(theirs - triedTime) <= toleratedSkew)
      return { time, isOther: false };
    this.#ahead.set(url.origin, theirs - now);
    return { time: theirs, isOther: true };
  }
}
