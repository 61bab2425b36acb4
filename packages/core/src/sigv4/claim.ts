import { remembering } from "../lib/memo.ts";
import type { Scope } from "./canonical.ts";
import { malformed } from "./refusals.ts";

/** What a request says of its own signature: read, not believed. */
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
}

/** Bytes of an `Authorization` header or of a session token. Those of AWS are below 2 KiB. */
export const maxCredentialLength = 8192;

/** @throws AuthError `credentials_malformed` */
export function readClaim(credential: string, signedHeaders: string, signature: string): Claim {
  const { accessKeyId, scope } = readCredential(credential);
  if (!isHexSha256(signature)) {
    throw malformed("signature_malformed", "Signature must be 64 lower-case hexadecimal digits.");
  }
  return { credential, accessKeyId, scope, signed: readSignedHeaders(signedHeaders), signature };
}

const readCredential = remembering((credential: string): Pick<Claim, "accessKeyId" | "scope"> => {
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

const readSignedHeaders = remembering((text: string): SignedNames => {
  const names = text.split(";");
  let before = "";
  let wellFormed = /^[a-z0-9!#$%&'*+.^_`|~;-]+$/.test(text);
  for (const name of names) {
    wellFormed &&= before < name;
    before = name;
  }
  if (wellFormed) return { names, text, places: new Map(names.map((name, place) => [name, place])) };
  throw malformed(
    "signed_headers_malformed",
    "SignedHeaders must be lower-case header names in ascending order, each once.",
  );
});

/** Whether this is a SHA-256 or an HMAC with it, in lower-case hexadecimal digits. */
export function isHexSha256(text: string): boolean {
  if (text.length !== 64) return false;
  for (let i = 0; i < 64; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x66 || (code > 0x39 && code < 0x61)) return false;
  }
  return true;
}
