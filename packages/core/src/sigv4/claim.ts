import { trimSpace } from "../auth/credentials.ts";
import { memoized } from "../lib/cache.ts";
import { decodeComponent, partsOf } from "./canonical.ts";
import { algorithm, maxPresignedSeconds, type Scope } from "./signing.ts";
import { AuthError } from "../refusal/error.ts";

/** The parts of a signature, parsed but not verified. */
export interface Claim {
  /** Access key id and scope, as sent. */
  readonly credential: string;
  readonly accessKeyId: string;
  readonly scope: Scope;
  readonly signed: SignedNames;
  readonly signature: string;
}

/** The names of the signed headers: lower-case, ascending, each once. */
export interface SignedNames {
  readonly names: readonly string[];
  /** With semicolons between them. */
  readonly text: string;
  /** The place of each in the list. */
  readonly places: ReadonlyMap<string, number>;
  /** The lengths of the names. */
  readonly lengths: ReadonlySet<number>;
}

/** For an `Authorization` header or a session token, in bytes. Those of AWS are below 2 KiB. */
export const maxCredentialLength = 8192;

/** @throws AuthError `credentials_malformed` */
function readClaim(credential: string, signedHeaders: string, signature: string): Claim {
  const { accessKeyId, scope } = readCredential(credential);
  if (!isHexSha256(signature)) {
    throw malformed("signature_malformed", "Signature must be 64 lower-case hexadecimal digits.");
  }
  return { credential, accessKeyId, scope, signed: readSignedHeaders(signedHeaders), signature };
}

const readCredential = memoized((credential: string): Pick<Claim, "accessKeyId" | "scope"> => {
  const parts = credential.split("/");
  const [accessKeyId = "", date = "", region = "", service = "", term = ""] = parts;
  if (parts.length !== 5 || !/^[\w.-]{1,128}$/.test(accessKeyId)) {
    throw malformed(
      "credential_malformed",
      "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term",
    );
  }
  return { accessKeyId, scope: { date, region, service, term } };
});

const readSignedHeaders = memoized((text: string): SignedNames => {
  const names = text.split(";");
  let before = "";
  let wellFormed = /^[a-z0-9!#$%&'*+.^_`|~;-]+$/.test(text);
  for (const name of names) {
    wellFormed &&= before < name;
    before = name;
  }
  const places = new Map(names.map((name, place) => [name, place]));
  if (wellFormed) return { names, text, places, lengths: new Set(names.map(({ length }) => length)) };
  throw malformed(
    "signed_headers_malformed",
    "SignedHeaders must be lower-case header names in ascending order, each once.",
  );
});

/** Whether this is a SHA-256 or an HMAC with it, in lower-case hexadecimal digits. */
export function isHexSha256(text: string): boolean {
  // An expression that counts takes twice as long.
  return text.length === 64 && /^[0-9a-f]+$/.test(text);
}

/** The form of every known client; other forms are parsed parameter by parameter. */
const usual = /^AWS4-HMAC-SHA256 Credential=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([^,\s]+)$/;

/**
 * Parses `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, in any order, with or without the spaces.
 * @throws AuthError `credentials_malformed`
 */
export function parseAuthorization(header: string): Claim {
  if (header.length > maxCredentialLength) {
    throw malformed("authorization_too_long", "The Authorization header is too long.");
  }
  const parts = usual.exec(header);
  if (parts !== null) return readClaim(parts[1] ?? "", parts[2] ?? "", parts[3] ?? "");

  const space = header.indexOf(" ");
  const word = space === -1 ? header : header.slice(0, space);
  if (word !== algorithm) throw malformed("algorithm_unsupported", "Unsupported AWS 'algorithm'.");

  const parameters = parseParameters(trimSpace(header.slice(word.length)));
  const missing = parameterNames.filter((name) => !parameters.has(name));
  if (missing.length > 0) {
    const sentences = missing.map((name) => `Authorization header requires '${name}' parameter.`);
    throw malformed("authorization_parameter_missing", sentences.join(" "));
  }
  const value = (name: string) => parameters.get(name) ?? "";
  return readClaim(value("Credential"), value("SignedHeaders"), value("Signature"));
}

const parameterNames = ["Credential", "Signature", "SignedHeaders"];

function parseParameters(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (text === "") return found;
  for (const piece of text.split(",")) {
    const equals = piece.indexOf("=");
    const name = trimSpace(piece.slice(0, Math.max(equals, 0)));
    if (equals === -1) {
      throw malformed(
        "authorization_pair_malformed",
        "Invalid key=value pair (missing equal-sign) in Authorization header.",
      );
    }
    // AWS uses the last of two; a proxy may use the first.
    if (!parameterNames.includes(name) || found.has(name)) {
      throw malformed(
        "authorization_parameter_unexpected",
        "Authorization header has a parameter twice, or one that is not known.",
      );
    }
    found.set(name, piece.slice(equals + 1));
  }
  return found;
}

/** The parts of a presigned query. */
export interface Presigned extends Claim {
  /** `X-Amz-Date` as sent. */
  readonly date: string;
  /** Seconds; undefined without the parameter, which aws4 and aws4fetch leave out. */
  readonly expires: number | undefined;
  readonly sessionToken: string | undefined;
  /** The parameters of the protocol by lower-case name: a header of that name must have the same value. */
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

/** Each at most once, and spelt exactly so: AWS and libraries may read different ones of two. */
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

/**
 * The rejection of a malformed signature. AWS's message is cut before it repeats the request: nothing of a header is ever
 * sent back.
 */
export function malformed(reason: string, awsMessage: string, detail?: string): AuthError {
  return new AuthError("credentials_malformed", reason, {
    awsType: "IncompleteSignatureException",
    awsMessage,
    ...(detail !== undefined && { detail }),
  });
}

/** The rejection of an invalid signature. Default message: AWS's for a mismatch. */
export function refused(reason: string, detail: string, awsMessage?: string): AuthError {
  return new AuthError("credentials_refused", reason, {
    awsType: "InvalidSignatureException",
    detail,
    ...(awsMessage !== undefined && { awsMessage }),
  });
}

/** The rejection of an access key or session token: the same answer for both and for any reason. */
export function unrecognised(reason: string, detail: string): AuthError {
  return new AuthError("credentials_refused", reason, {
    awsType: "UnrecognizedClientException",
    awsMessage: "The security token included in the request is invalid.",
    detail,
  });
}
