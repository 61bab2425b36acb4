import type { Steps } from "./meaning.ts";
import { bodyReasons, queryReasons, signatureReasons } from "./shared.ts";

const signAgain = "sign the request again, just before it is sent";

const beforeKey: Steps = {
  "presigned requests are accepted": {
    presigned_not_accepted: ["presigned URLs are switched off here", "sign in the header"],
    presigned_method_not_accepted: [
      "presigned URLs are not accepted for this method",
      "sign in the header, or set presigned.methods",
    ],
  },
  "it is well formed": {
    signed_twice: ["the request is signed in Authorization and in the query", "sign it once"],
    hosts_differ: [
      "the URL of the request and its Host header name different hosts",
      "name the host that clients use: createAuth(modes, { publicUrl })",
    ],
    target_malformed: [
      "the target is not a path and a query",
      "send a path; encode #, \\ and non-ASCII letters",
    ],
    path_ambiguous: [
      "the path has dot segments or '//', which one signature covers in several spellings",
      "call the resolved path; or say dotSegments: 'normalise' in iam()",
    ],
    ...queryReasons,
    query_escape_broken: ["the query has a '%' that begins no escape", "write %25"],
    parameter_missing: ["an X-Amz- parameter of the presigned URL is missing", "send the whole URL"],
    parameter_repeated: ["an X-Amz- parameter is repeated or in wrong case", "send the URL as it was made"],
    algorithm_unsupported: ["the signature is not AWS4-HMAC-SHA256", "sign with Signature Version 4"],
    expires_malformed: ["X-Amz-Expires is not a number of seconds up to a week", "presign again"],
    authorization_too_long: ["Authorization is over 8 KiB", "look at what makes it: signatures are short"],
    authorization_pair_malformed: ["a part of Authorization has no '='", "send it as the signer made it"],
    authorization_parameter_missing: [
      "Credential, SignedHeaders or Signature is missing in Authorization",
      "send it as the signer made it",
    ],
    authorization_parameter_unexpected: [
      "Authorization has a part twice, or one that is not known",
      "send it as the signer made it",
    ],
    credential_malformed: [
      "Credential is not an access key id and a scope of four parts",
      "sign with <key id>/<day>/<region>/<service>/aws4_request",
    ],
    signature_malformed: ["the signature is not 64 lowercase hex digits", "send it as the signer made it"],
    signed_headers_malformed: [
      "SignedHeaders is not lowercase, sorted and unique",
      "sort and lowercase them",
    ],
    header_repeated: ["a header of the signature was sent twice", "send it once"],
    presigned_contradicted: ["a header and a parameter of the URL differ", "send one of them"],
    date_missing: ["neither X-Amz-Date nor Date was sent", "send the date that was signed"],
    date_malformed: ["the date is not such as 20260115T120000Z", "send X-Amz-Date as the signer made it"],
    session_token_too_long: ["the session token is over 8 KiB", "send it as it was given out"],
  },
  "the date is near": {
    date_skewed: ["the request was signed too long ago, or by a wrong clock", `fix the clock; ${signAgain}`],
    presigned_too_long: [
      "the presigned URL is valid for too long",
      "shorten it, or raise presigned.maxAgeSeconds",
    ],
    presigned_expired: ["the presigned URL has ended", "presign again, with more X-Amz-Expires"],
  },
  "it is signed for this server": {
    region_not_accepted: ["the request is signed for another region", "sign for the server's region"],
    service_not_accepted: ["the request is signed for another service", "sign for the server's service"],
    scope_not_terminated: [
      "the scope does not end in aws4_request",
      "sign with <day>/<region>/<service>/aws4_request",
    ],
    scope_date_differs: ["the day in the scope is another than that of the date", signAgain],
  },
  "all that matters is signed": {
    host_unsigned: ["host is not among the signed headers", "sign host"],
    signed_header_absent: [
      "a signed header did not arrive",
      "send every signed header; does a proxy remove one?",
    ],
    header_unsigned: ["a header that must be signed is not", "sign every x-amz- header that is sent"],
  },
  "the body is signed": {
    payload_unsigned: ["the body is not signed (UNSIGNED-PAYLOAD)", "sign it, or set unsignedPayload: true"],
    payload_streaming: ["the body is signed in chunks, which is S3's alone", "sign the whole body"],
    payload_hash_malformed: [
      "x-amz-content-sha256 is not a hash",
      "send the SHA-256 of the body in lowercase hex",
    ],
  },
};

const body: Steps = {
  "the body can be read": {
    ...bodyReasons,
    body_consumed: [
      "a body parser ran before authentication",
      "mount authenticate(auth) first; or keep the bytes",
    ],
    body_inflated: ["a parser inflated the body before authentication", "mount authenticate(auth) before it"],
  },
};

const key: Steps = {
  "the access key is known": {
    access_key_unknown: ["the server does not know this access key", "use a key that credentials() finds"],
    access_key_disabled: ["the access key is disabled", "use another key"],
    session_token_missing: ["a temporary key needs its session token", "send x-amz-security-token, signed"],
    session_token_mismatch: ["the session token belongs to another key", "send that of the key"],
    session_token_unexpected: ["a session token came with a long-term key", "leave out x-amz-security-token"],
  },
  "the signature holds": signatureReasons,
  "guests are accepted": {
    guest_not_accepted: [
      "the caller is a guest of the identity pool, and iam() has guests: false",
      "sign in first, or set guests: true",
    ],
  },
  "the key has not expired": {
    access_key_expired: ["the access key has ended", "use another key"],
    session_expired: ["the temporary credentials have ended", "get new ones"],
  },
  "the key may make this request": {
    access_key_not_allowed: ["the key or its role may not make it", "add it to its allow, or to the role"],
  },
};

const afterKey: Steps = {
  "the body is the signed one": {
    body_hash_mismatch: [
      "the body is not the signed one",
      "send the signed bytes; does a proxy change them?",
    ],
  },
  "it was not used before": {
    replayed: ["this signature was used before", signAgain],
  },
};

/**
 * Of the mode iam.
 * @param isHashSent the request names the hash of its body, which is read after the signature was checked
 */
export function signatureSteps(isHashSent: boolean): Steps {
  return { ...beforeKey, ...(isHashSent ? { ...key, ...body } : { ...body, ...key }), ...afterKey };
}
