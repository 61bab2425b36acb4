import { checkOptions, checkSeconds, must } from "../lib/options.ts";
import { canonicalQuery, encodeComponent, parameterOf } from "../sigv4/canonical.ts";
import { algorithm, emptyHash, maxPresignedSeconds } from "../sigv4/signing.ts";
import { Signer, signerNames, type SignerOptions } from "./iam.ts";

/** Options of `presign`. */
export interface PresignOptions extends SignerOptions {
  readonly url: string | URL;
  /** Default `GET`. Requests with the URL have no body. */
  readonly method?: string;
  /** How long the URL is valid: 1 to 604800 seconds, a week. It expires with the credentials, if that is sooner. */
  readonly expiresInSeconds: number;
}

/**
 * Makes a URL that contains its own signature: anyone who has it can make this one request until it expires. Only the
 * header `host` is signed.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 * @throws TypeError if an option is missing or wrong
 * @example
 * import { presign } from "@authmodes/core/outbound";
 *
 * const { ACCESS_KEY_ID = "", SECRET_ACCESS_KEY = "" } = process.env;
 * const url = await presign({
 *   url: "https://api.example.com/invoices/7",
 *   region: "eu-west-1",
 *   credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY },
 *   expiresInSeconds: 300,
 * });
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
  const sent = method.toUpperCase();
  must(method === sent, `${where}: method is in capitals, as it is sent: write '${sent}'`);
  const signer = new Signer(where, options);
  const url = new URL(options.url);
  const credentials = await signer.credentials();
  const { sessionToken } = credentials;
  const { date, credential, sign } = signer.begin(credentials, clock());
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
  const parameters = Object.entries(added).map(([name, value]) => parameterOf(name, encodeComponent(value)));
  const query = canonicalQuery([...own, ...parameters]);
  const signed = { names: ["host"], text: "host" };
  const signature = await sign({ method, url, query, signed, values: [url.host], payload: emptyHash });
  url.search = `${query}&X-Amz-Signature=${signature}`;
  return url;
}
