import type { Steps } from "./meaning.ts";
import { bodyReasons, queryReasons, signatureReasons } from "./shared.ts";

const signAnew = "sign the request anew, just before it is sent";

const beforeKey: Steps = {
  "presigned requests are accepted": {
    presigned_not_accepted: ["presigned URLs are switched off here", "sign in the header"],
    presigned_method_not_accepted: [
      "presigned URLs are not accepted for this method",
      "sign in the header, or say presigned: { methods }",
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
      "send a path; encode #, \\ and letters beyond ASCII",
    ],
    path_ambiguous: [
      "the path has dot segments or '//', which one signature covers in several spellings",
      "call the resolved path; or say dotSegments: 'normalise' in iam()",
    ],
    ...queryReasons,
    query_escape_broken: ["the query has a '%' that begins no escape", "write %25"],
    parameter_missing: ["an X-Amz- parameter of the presigned URL is missing", "send the whole URL"],
    parameter_repeated: [
      "an X-Amz- parameter stands twice or in other letter case",
      "send the URL as it was made",
    ],
    algorithm_unsupported: ["the signature is not AWS4-HMAC-SHA256", "sign with Signature Version 4"],
    expires_malformed: ["X-Amz-Expires is not a number of seconds up to a week", "presign anew"],
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
    signature_malformed: [
      "the signature is not 64 small hexadecimal digits",
      "send it as the signer made it",
    ],
    signed_headers_malformed: [
      "SignedHeaders are not small letters in ascending order, each once",
      "sort them, in small letters",
    ],
    header_repeated: ["a header of the signature was sent twice", "send it once"],
    presigned_contradicted: ["a header and a parameter of the URL differ", "send one of them"],
    date_missing: ["neither X-Amz-Date nor Date was sent", "send the date that was signed"],
    date_malformed: ["the date is not such as 20260115T120000Z", "send X-Amz-Date as the signer made it"],
    session_token_too_long: ["the session token is over 8 KiB", "send it as it was given out"],
  },
  "the date is near": {
    date_skewed: [
      "the request was signed too long ago, or by a clock that is wrong",
      `set the clock right, and ${signAnew}`,
    ],
    presigned_too_long: [
      "the presigned URL asks to be good for too long",
      "ask for less, or say presigned: { maxAgeSeconds }",
    ],
    presigned_expired: ["the presigned URL has ended", "presign anew, with more X-Amz-Expires"],
  },
  "it is signed for this server": {
    region_not_accepted: ["the request is signed for another region", "sign for the server's region"],
    service_not_accepted: ["the request is signed for another service", "sign for the server's service"],
    scope_not_terminated: [
      "the scope does not end in aws4_request",
      "sign with <day>/<region>/<service>/aws4_request",
    ],
    scope_date_differs: ["the day in the scope is another than that of the date", signAnew],
  },
  "all that matters is signed": {
    host_unsigned: ["host is not among the signed headers", "sign host"],
    signed_header_absent: [
      "a signed header did not arrive",
      "send every header that is signed; does a proxy take it away?",
    ],
    header_unsigned: [
      "a header arrived that has to be signed and is not",
      "sign every x-amz- header that is sent",
    ],
  },
  "the body is signed": {
    payload_unsigned: [
      "the body is not signed (UNSIGNED-PAYLOAD)",
      "sign the body, or say unsignedPayload: true",
    ],
    payload_streaming: ["the body is signed in chunks, which is S3's alone", "sign the whole body"],
    payload_hash_malformed: [
      "x-amz-content-sha256 is no hash",
      "send the SHA-256 of the body in small hexadecimal digits",
    ],
  },
};

const body: Steps = {
  "the body can be read": {
    ...bodyReasons,
    body_consumed: [
      "a body parser ran before authentication",
      "put authenticate(auth) before parsers, or keep the bytes",
    ],
    body_inflated: [
      "a body parser inflated the body before authentication",
      "put authenticate(auth) before it",
    ],
  },
};

const key: Steps = {
  "the access key is known": {
    access_key_unknown: ["the server does not know this access key", "use a key that credentials() finds"],
    access_key_disabled: ["the access key is disabled", "use another key"],
    session_token_missing: [
      "the key is temporary, and its session token was not sent",
      "send x-amz-security-token, signed",
    ],
    session_token_mismatch: [
      "the session token is not that of the key",
      "send the token that came with the key",
    ],
    session_token_unexpected: ["a session token came with a long-term key", "leave out x-amz-security-token"],
  },
  "the signature holds": signatureReasons,
  "the key has not ended": {
    access_key_expired: ["the access key has ended", "use another key"],
    session_expired: ["the temporary credentials have ended", "get new ones"],
  },
};

const afterKey: Steps = {
  "the body is the signed one": {
    body_hash_mismatch: [
      "the body is another than the signed one",
      "send the bytes that were signed; does something change the body?",
    ],
  },
  "it was not used before": {
    replayed: ["this signature was used before", signAnew],
  },
};

/**
 * Of the mode iam.
 * @param isHashSent the request names the hash of its body, which is read after the signature was checked
 */
export function signatureSteps(isHashSent: boolean): Steps {
  return { ...beforeKey, ...(isHashSent ? { ...key, ...body } : { ...body, ...key }), ...afterKey };
}
