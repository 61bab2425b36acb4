import { checkOptions, checkSeconds, must } from "../lib/options.ts";
import { canonicalQuery, encodeComponent, parameterOf } from "../sigv4/canonical.ts";
import { algorithm, emptyHash, maxPresignedSeconds } from "../sigv4/signing.ts";
import type { Clock } from "../types.ts";
import { Signer, signerNames, type SignerOptions } from "./iam.ts";

export interface PresignOptions extends SignerOptions {
  readonly url: string | URL;
  /** Default GET. The request that is made with the URL has no body. */
  readonly method?: string;
  /** How long the URL is good: 1 to 604800, a week. Credentials that end sooner end it sooner. */
  readonly expiresInSeconds: number;
  /** Default `Date.now`. */
  readonly clock?: Clock;
}

/**
 * A URL that carries its own signature: whoever has it may make this one request until it ends, with no header but
 * `host` signed.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 * @throws TypeError where an option is missing or wrong
 */
export async function presign(options: PresignOptions): Promise<URL> {
  const where = "presign()";
  checkOptions(where, options, {
    ...signerNames,
    url: [],
    method: [],
    expiresInSeconds: ["expiresIn", "expires"],
  });
  const { method = "GET", expiresInSeconds, clock = Date.now } = options;
  checkSeconds(where, "expiresInSeconds", expiresInSeconds, 1, maxPresignedSeconds);
  must(
    Number.isInteger(expiresInSeconds),
    `${where}: expiresInSeconds is a whole number of seconds, from 1 to ${maxPresignedSeconds}`,
  );
  const signer = new Signer(where, options);
  const url = new URL(options.url);
  const { date, credential, sessionToken, sign } = await signer.at(clock());
  const own = signer.parameters(url);
  must(
    !own.some((parameter) => parameter.toLowerCase().startsWith("x-amz-")),
    `${where}: the URL has X-Amz- parameters already`,
  );
  const added: Record<string, string> = {
    "X-Amz-Algorithm": algorithm,
    "X-Amz-Credential": credential,
    "X-Amz-Date": date,
    "X-Amz-Expires": String(expiresInSeconds),
    "X-Amz-SignedHeaders": "host",
    ...(sessionToken !== undefined && { "X-Amz-Security-Token": sessionToken }),
  };
  const parameters = [
    ...own,
    ...Object.entries(added).map(([name, value]) => parameterOf(name, encodeComponent(value))),
  ];
  const headers = new Map([["host", url.host]]);
  const signature = await sign({ method, url, parameters, headers, payload: emptyHash });
  url.search = `${canonicalQuery(parameters)}&X-Amz-Signature=${signature}`;
  return url;
}
