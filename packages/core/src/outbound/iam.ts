import { crypto } from "#crypto";
import { checkOptionNames, must } from "../lib/options.ts";
import { algorithm, canonicalValue, emptyHash, scopeText } from "../sigv4/canonical.ts";
import { formatAmzDate, parseHttpDate } from "../sigv4/date.ts";
import type { Clock } from "../types.ts";
import { Signer, type SignerOptions } from "./signer.ts";
import type { HeaderSource, OutboundRequest } from "./types.ts";

export interface IamSourceOptions extends SignerOptions {
  /** Sends `x-amz-content-sha256`, by which a server checks a signature before it reads the body; default true. */
  readonly contentSha256?: boolean;
  /** Default `Date.now`. */
  readonly clock?: Clock;
}

/** What servers and proxies on the way add, drop or change; and what the signature itself goes into. */
const neverSigned: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control",
  "connection",
  "expect",
  "from",
  "keep-alive",
  "max-forwards",
  "pragma",
  "referer",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "x-amzn-trace-id",
]);

/**
 * Signs requests with AWS Signature Version 4: method, path, query, headers and body. Where the caller's own headers
 * have `x-amz-content-sha256`, that is signed as it is.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @throws TypeError where an option is missing or wrong
 */
export function iam(options: IamSourceOptions): HeaderSource {
  const where = "outbound.iam()";
  checkOptionNames(where, options, ["region", "service", "credentials", "contentSha256", "clock"], {
    credentialProvider: "credentials",
    now: "clock",
  });
  const { contentSha256 = true, clock = Date.now } = options;
  must(typeof contentSha256 === "boolean", `${where}: contentSha256 is true or false`);
  const signer = new Signer(where, options);

  const source = async (request: OutboundRequest) => {
    const credentials = await signer.credentials();
    const { accessKeyId, sessionToken } = credentials;
    const date = formatAmzDate(signingTime(request, clock()));
    const given = request.headers.get("x-amz-content-sha256");
    const payload = given ?? (await hashOf(request.body));
    const added: Record<string, string> = {
      "x-amz-date": date,
      ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
      ...(contentSha256 && given === null && { "x-amz-content-sha256": payload }),
    };
    const { method, url } = request;
    const headers = headersToSign(request, added);
    const parts = { method, url, parameters: signer.parameters(url), headers, payload };
    const signature = await signer.sign(parts, date, credentials);
    const names = [...headers.keys()].join(";");
    const credential = `${accessKeyId}/${scopeText(signer.scope(date))}`;
    const authorization = `${algorithm} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
    return { ...added, authorization };
  };
  return Object.assign(source, { needsBody: true, headerNames: ["x-amz-security-token"] });
}

function headersToSign(
  { url, headers }: OutboundRequest,
  added: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const signed = new Map([["host", url.host]]);
  for (const [name, value] of headers) {
    if (!neverSigned.has(name) && !name.startsWith("proxy-") && !name.startsWith("sec-"))
      signed.set(name, canonicalValue(value));
  }
  for (const [name, value] of Object.entries(added)) signed.set(name, value);
  return new Map([...signed].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function hashOf(body: Uint8Array | undefined): Promise<string> {
  return body === undefined || body.byteLength === 0 ? emptyHash : crypto.sha256Hex(body);
}

/** What a server tolerates is 300 s; below that a refusal has another cause. */
const toleratedSkew = 240_000;

/** After a refusal, by the server's clock where this one is wrong: AWS's clients do the same. */
function signingTime({ refused }: OutboundRequest, now: number): number {
  const theirs = parseHttpDate(refused?.headers.get("date") ?? "");
  return theirs !== undefined && Math.abs(theirs - now) > toleratedSkew ? theirs : now;
}
