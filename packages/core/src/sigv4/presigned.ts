import { algorithm, maxPresignedSeconds } from "./canonical.ts";
import { type Claim, readClaim } from "./claim.ts";
import { decodeComponent } from "./encoding.ts";
import { partsOf } from "./query.ts";
import { malformed } from "./refusals.ts";

/** What a presigned query says, beside the claim. */
export interface Presigned extends Claim {
  /** `X-Amz-Date` as sent. */
  readonly date: string;
  /** Seconds; undefined where the query names none: aws4 and aws4fetch leave it out. */
  readonly expires: number | undefined;
  readonly sessionToken: string | undefined;
  /** The parameters of the protocol by lower-case name: a header of that name must say the same. */
  readonly parameters: ReadonlyMap<string, string>;
}

const required = [
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-SignedHeaders",
  "X-Amz-Signature",
];
const spellings = new Map(
  [...required, "X-Amz-Expires", "X-Amz-Security-Token"].map((name) => [name.toLowerCase(), name]),
);

/**
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 * @throws AuthError `credentials_malformed`
 */
export function parsePresigned(query: readonly string[]): Presigned {
  const parameters = protocolParameters(query);
  const missing = required.filter((name) => !parameters.has(name.toLowerCase()));
  if (missing.length > 0) {
    const sentences = missing.map((name) => `AWS query-string parameters must include '${name}'.`);
    throw malformed("parameter_missing", [...sentences, "Re-examine the query-string parameters."].join(" "));
  }
  const value = (name: string) => parameters.get(name) ?? "";
  if (value("x-amz-algorithm") !== algorithm) {
    throw malformed("algorithm_unsupported", "Unsupported AWS 'algorithm'.");
  }
  return {
    ...readClaim(value("x-amz-credential"), value("x-amz-signedheaders"), value("x-amz-signature")),
    date: value("x-amz-date"),
    expires: parseExpires(parameters.get("x-amz-expires")),
    sessionToken: parameters.get("x-amz-security-token"),
    parameters,
  };
}

/** Each at most once and exactly so spelt: which of two AWS or a library would take is not to be guessed. */
function protocolParameters(query: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const parameter of query) {
    const [name, value] = partsOf(parameter);
    const lower = name.toLowerCase();
    const spelling = spellings.get(lower);
    if (spelling === undefined) continue;
    if (found.has(lower) || name !== spelling) {
      throw malformed("parameter_repeated", `The query-string must include '${spelling}' once, so spelt.`);
    }
    found.set(lower, decodeComponent(value));
  }
  return found;
}

function parseExpires(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= maxPresignedSeconds) return seconds;
  throw malformed(
    "expires_malformed",
    `X-Amz-Expires must be a number of seconds from 1 to ${maxPresignedSeconds}.`,
  );
}
