import type { Scope } from "./canonical.ts";
import { malformed } from "./refusals.ts";

/** What a request says of its own signature: read, not believed. */
export interface Claim {
  /** Access key id and scope, as sent. */
  readonly credential: string;
  readonly accessKeyId: string;
  readonly scope: Scope;
  /** Lower-case, ascending, each once. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** Bytes of an `Authorization` header or of a session token. Those of AWS are below 2 KiB. */
export const maxCredentialLength = 8192;

/** @throws AuthError `credentials_malformed` */
export function readClaim(credential: string, signedHeaders: string, signature: string): Claim {
  const parts = credential.split("/");
  const [accessKeyId = "", date = "", region = "", service = "", term = ""] = parts;
  if (parts.length !== 5 || !/^[\w.-]{1,128}$/.test(accessKeyId)) {
    throw malformed(
      "credential_malformed",
      "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term",
    );
  }
  if (!isHexSha256(signature)) {
    throw malformed("signature_malformed", "Signature must be 64 lower-case hexadecimal digits.");
  }
  const scope = { date, region, service, term };
  return { credential, accessKeyId, scope, signedHeaders: readSignedHeaders(signedHeaders), signature };
}

function readSignedHeaders(list: string): readonly string[] {
  const names = list.split(";");
  let before = "";
  let wellFormed = /^[a-z0-9!#$%&'*+.^_`|~;-]+$/.test(list);
  for (const name of names) {
    wellFormed &&= before < name;
    before = name;
  }
  if (wellFormed) return names;
  throw malformed(
    "signed_headers_malformed",
    "SignedHeaders must be lower-case header names in ascending order, each once.",
  );
}

/** Whether this is a SHA-256 or an HMAC with it, in lower-case hexadecimal digits. */
export function isHexSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
