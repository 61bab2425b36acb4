// What each refusal means, and what to do. The server's own word on it is its event; this puts it into sentences.

export interface Meaning {
  readonly says: string;
  readonly mend: string;
}

/** @returns undefined for the reason of a mode that a user wrote */
export function meaningOf(reason: string): Meaning | undefined {
  const found = meanings[reason];
  return found === undefined ? undefined : { says: found[0], mend: found[1] };
}

const signAnew = "sign the request anew, just before it is sent";
const asSent =
  "compare the texts below with those of the client: what differs was changed after signing, or signed otherwise";
const getToken = "get a new token; a client refreshes it";

const meanings: Readonly<Record<string, readonly [says: string, mend: string]>> = {
  // Which mode decides
  no_credentials: ["the request has no credentials", "send some, such as x-api-key or Authorization"],
  mode_not_served: [
    "the request has credentials of a mode that this server does not serve",
    "add the mode to createAuth([…]), or send other credentials",
  ],
  several_credentials: [
    "the request has several kinds of credentials, and nobody says which of them decides",
    "send one kind, or say precedence or requires in createAuth()",
  ],
  signed_twice: ["the request is signed in Authorization and in the query", "sign it once"],
  authorization_repeated: ["the request has several Authorization headers", "send one"],
  mode_not_on_route: [
    "the credentials are of a mode that this route does not accept",
    "add the mode to the route's auth.only(…), or send other credentials",
  ],
  required_key_missing: [
    "the API key is missing that has to go along",
    "send it in x-api-key beside the other credentials",
  ],
  not_authenticated: ["no authenticate() ran for this request", "put authenticate(auth) before the route"],
  allow_missing: ["no allow() ran for this request", "put allow(operation, model) before the handler"],

  no_headers: [
    "the request was built by hand, without rawHeaders and without headers",
    "let what builds it (an adapter, a test) pass the headers that the client sent",
  ],
  hosts_differ: [
    "the URL of the request and its Host header name different hosts",
    "name the host that clients use: createAuth(modes, { publicUrl })",
  ],

  // API keys
  api_key_malformed: ["the API key is empty or over 512 characters", "send the key as it was given out"],
  api_key_unknown: ["no stored key has this hash", "make one with authmodes keys new, and store its hash"],
  api_key_mismatch: [
    "the store returned another key than it was asked for",
    "let keys() find by the whole hash, letter by letter",
  ],
  api_key_disabled: ["the API key is disabled", "use another key"],
  api_key_expired: ["the API key has ended", "make a new one: authmodes keys new"],

  // Tokens
  token_malformed: [
    "what was sent is no JSON Web Token",
    "send the whole token, three parts with dots between",
  ],
  token_too_large: ["the token is over 8192 characters", "let the issuer put fewer claims in"],
  crit_unsupported: [
    "the token asks for an extension that nobody here knows",
    "let the issuer leave out crit",
  ],
  issuer_unknown: [
    "the token is of an issuer that this server does not trust",
    "add the issuer to userPool() or oidc(), to the letter, or send a token of the right one",
  ],
  issuer_unsafe: [
    "the issuer's keys would have to be fetched over plain http",
    "use https, give its options a jwksUri, or name its host in allowInsecureHttp",
  ],
  algorithm_refused: [
    "the token is signed with an algorithm that is not accepted for this issuer",
    "let the issuer sign with an accepted one, or name it in algorithms",
  ],
  type_refused: ["the token is of another type, such as an id or a logout token", "send an access token"],
  kid_unknown: [
    "the issuer's key set has no key of this name",
    "get a new token; was this one made by another issuer?",
  ],
  kid_missing: ["the token names no key, and several fit", "let the issuer write kid into the header"],
  kid_ambiguous: [
    "the key set has several keys of this name",
    "let the issuer give each key a name of its own",
  ],
  key_unfit: [
    "the key that the token names is for another algorithm",
    "let the issuer sign with the algorithm of its key",
  ],
  key_unusable: ["the issuer's key cannot be used", "look at the issuer's key set"],
  keys_unavailable: [
    "the issuer's keys cannot be had",
    "see whether this machine reaches the issuer: authmodes check",
  ],
  key_fetches_spent: [
    "the key set has no key of this name, and tokens of unknown keys had it fetched too often in the last minute",
    "try again after the time in Retry-After; if it goes on, look for callers that invent key ids",
  ],
  sender_constrained: [
    "only the holder of a key may send this token (cnf), and nothing here checks that",
    "set confirmation in userPool() or oidc(), or get a token that is not bound to a key",
  ],
  confirmation_failed: [
    "the request does not prove that its sender holds the key that the token names (cnf)",
    "send the proof that belongs to the token, such as the DPoP header or the client certificate",
  ],
  cnf_malformed: ["cnf of the token is not an object", "let the issuer write it as RFC 7800 says"],
  cnf_missing: ["the token was sent as DPoP, but is not bound to a key", "send it after Bearer"],
  token_use_refused: [
    "an id token was sent where an access token is asked for, or the other way round",
    "send the other token, or say tokenUse in userPool()",
  ],
  client_refused: [
    "the token was made for another client",
    "add the client to clientId, or use the right client",
  ],
  audience_refused: [
    "the token was made for another audience",
    "ask the issuer for a token for this API, or change audience",
  ],
  claim_malformed: ["a time in the token is not a number of seconds", "let the issuer write a number"],
  expiry_missing: ["the token does not say when it ends: exp is missing", "let the issuer write exp"],
  token_not_yet_valid: ["the token is not valid yet", "wait, or set the clocks right"],
  token_issued_in_future: ["the token comes from the future", "set the clocks of issuer and server right"],
  issue_time_missing: ["iat is missing, by which maxTokenAgeSeconds counts", "let the issuer write iat"],
  sign_in_time_missing: [
    "auth_time is missing, by which maxAuthAgeSeconds counts",
    "let the issuer write auth_time",
  ],
  sign_in_in_future: ["the sign-in is in the future", "set the clocks of issuer and server right"],
  sign_in_too_old: ["the sign-in is older than maxAuthAgeSeconds", "sign in again"],
  token_expired: ["the token has expired", getToken],
  token_too_old: ["the token is older than maxTokenAgeSeconds", getToken],
  subject_missing: ["the token names nobody: sub is missing", "let the issuer write sub"],
  token_revoked: ["the token was revoked", "sign in again"],
  connection_expired: ["the credential of an open connection has expired", "connect again with a new one"],
  connection_too_old: ["the connection was open for 24 hours", "connect again"],
  credentials_changed: [
    "the credential of an open connection has other rights than when it was opened",
    "connect again",
  ],
  verification_hangs: [
    "whether the credential of an open connection is still good was not answered for 60 seconds",
    "look at the store, the authorizer or the `revoked` that was asked",
  ],
  cookie_repeated: ["the cookie was sent several times", "delete the one of the parent domain"],
  cookie_cross_site: [
    "a page of another site sent the cookie along",
    "call from a page of this server, or send Authorization",
  ],

  // Signatures: form
  algorithm_unsupported: ["the signature is not AWS4-HMAC-SHA256", "sign with Signature Version 4"],
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
  parameter_missing: ["an X-Amz- parameter of the presigned URL is missing", "send the whole URL"],
  parameter_repeated: [
    "an X-Amz- parameter stands twice or in other letter case",
    "send the URL as it was made",
  ],
  credential_malformed: [
    "Credential is not an access key id and a scope of four parts",
    "sign with <key id>/<day>/<region>/<service>/aws4_request",
  ],
  signature_malformed: ["the signature is not 64 small hexadecimal digits", "send it as the signer made it"],
  signed_headers_malformed: [
    "SignedHeaders are not small letters in ascending order, each once",
    "sort them, in small letters",
  ],
  header_repeated: ["a header of the signature was sent twice", "send it once"],
  presigned_contradicted: ["a header and a parameter of the URL differ", "send one of them"],
  target_malformed: [
    "the target is not a path and a query",
    "send a path; encode #, \\ and letters beyond ASCII",
  ],
  path_ambiguous: [
    "the path has dot segments or '//', which one signature covers in several spellings",
    "call the resolved path; or say dotSegments: 'normalise' in iam()",
  ],
  parameters_too_many: ["the query has more than 1,000 parameters", "send fewer, or send them in a body"],
  query_escape_broken: ["the query has a '%' that begins no escape", "write %25"],
  date_missing: ["neither X-Amz-Date nor Date was sent", "send the date that was signed"],
  date_malformed: ["the date is not such as 20260115T120000Z", "send X-Amz-Date as the signer made it"],
  expires_malformed: ["X-Amz-Expires is not a number of seconds up to a week", "presign anew"],
  session_token_too_long: ["the session token is over 8 KiB", "send it as it was given out"],

  // Signatures: what they say
  date_skewed: [
    "the request was signed too long ago, or by a clock that is wrong",
    `set the clock right, and ${signAnew}`,
  ],
  presigned_expired: ["the presigned URL has ended", "presign anew, with more X-Amz-Expires"],
  presigned_too_long: [
    "the presigned URL asks to be good for too long",
    "ask for less, or say presigned: { maxAgeSeconds }",
  ],
  presigned_not_accepted: ["presigned URLs are switched off here", "sign in the header"],
  presigned_method_not_accepted: [
    "presigned URLs are not accepted for this method",
    "sign in the header, or say presigned: { methods }",
  ],
  region_not_accepted: ["the request is signed for another region", "sign for the server's region"],
  service_not_accepted: ["the request is signed for another service", "sign for the server's service"],
  scope_not_terminated: [
    "the scope does not end in aws4_request",
    "sign with <day>/<region>/<service>/aws4_request",
  ],
  scope_date_differs: ["the day in the scope is another than that of the date", signAnew],
  host_unsigned: ["host is not among the signed headers", "sign host"],
  signed_header_absent: [
    "a signed header did not arrive",
    "send every header that is signed; does a proxy take it away?",
  ],
  header_unsigned: [
    "a header arrived that has to be signed and is not",
    "sign every x-amz- header that is sent",
  ],
  payload_unsigned: [
    "the body is not signed (UNSIGNED-PAYLOAD)",
    "sign the body, or say unsignedPayload: true",
  ],
  payload_streaming: ["the body is signed in chunks, which is S3's alone", "sign the whole body"],
  payload_hash_malformed: [
    "x-amz-content-sha256 is no hash",
    "send the SHA-256 of the body in small hexadecimal digits",
  ],
  access_key_unknown: ["the server does not know this access key", "use a key that credentials() finds"],
  access_key_disabled: ["the access key is disabled", "use another key"],
  access_key_expired: ["the access key has ended", "use another key"],
  session_token_missing: [
    "the key is temporary, and its session token was not sent",
    "send x-amz-security-token, signed",
  ],
  session_token_mismatch: [
    "the session token is not that of the key",
    "send the token that came with the key",
  ],
  session_token_unexpected: ["a session token came with a long-term key", "leave out x-amz-security-token"],
  session_expired: ["the temporary credentials have ended", "get new ones"],
  signature_mismatch: ["the signature does not hold", asSent],
  body_hash_mismatch: [
    "the body is another than the signed one",
    "send the bytes that were signed; does something change the body?",
  ],
  replayed: ["this signature was used before", signAnew],

  // Bodies
  body_too_large: ["the body is over the server's cap", "send less, or say maxBodyBytes"],
  body_consumed: [
    "a body parser ran before authentication",
    "put authenticate(auth) before parsers, or keep the bytes",
  ],
  body_inflated: [
    "a body parser inflated the body before authentication",
    "put authenticate(auth) before it",
  ],
  body_cut: ["the body did not arrive whole", "send it again"],
  body_timeout: [
    "the body stopped arriving: 30 seconds without a byte, or 300 in total",
    "send it again, whole",
  ],
  body_too_deep: ["the JSON body is nested deeper than 100 levels", "send flatter JSON"],
  body_encoded: ["the JSON body is compressed or not UTF-8", "send plain UTF-8"],

  // Lambda authorizers
  token_empty: ["Authorization is empty", "send the token that the authorizer knows"],
  token_too_long: ["the token is too long for the authorizer", "send a shorter one"],
  token_pattern_mismatch: [
    "the token does not match identityValidationExpression",
    "send a token of that form",
  ],
  identity_source_missing: ["a value is missing that the authorizer decides by", "send it"],
  authorizer_denied: ["the authorizer says no", "look at what it decides by"],
  policy_denied: [
    "the authorizer's policy does not allow this call",
    "let its policy allow the method and path",
  ],
  path_not_canonical: ["the path could be read in two ways", "call the plain path"],
  authorizer_failed: ["the authorizer failed", "look at its log"],
  authorizer_timeout: ["the authorizer took too long", "look at its log, or say timeoutSeconds"],
  authorizer_busy: ["too many calls of the authorizer are in flight", "try again, or say maxConcurrent"],
  authorizer_answer_malformed: [
    "the authorizer's answer cannot be used",
    "let it answer as its contract says",
  ],
  authorizer_policy_unsupported: [
    "the authorizer's policy has parts that are not read here",
    "let it use Effect, Action and Resource",
  ],

  // This side
  verification_failed: [
    "the server itself failed: a store, a provider or an option threw",
    "look at the cause in the server's log",
  ],
  finder_timeout: [
    "looking up a key or an issuer took over 5 s",
    "look at the store behind the function that the detail names",
  ],
  revoked_timeout: ["`revoked` took over 5 s", "look at the store behind it"],
  replay_timeout: ["the store behind `replay` took over 5 s", "look at that store"],
  confirmation_timeout: ["`confirmation` took over 5 s", "look at what it waits for"],
  mode_timeout: ["verify() of a mode of your own took over 5 s", "look at what it waits for"],
  load_timeout: ["`load` of a rule took over 5 s", "look at the database behind it"],
  input_timeout: ["`input` of a rule took over 305 s", "look at what it waits for"],

  // What the caller may do
  record_missing: ["there is no such record", "look at the id"],
  group_missing: [
    "the caller is in none of the groups that the route asks for",
    "put the caller into one, or change the route",
  ],
  scope_missing: ["the credentials lack a scope that the route asks for", "ask the issuer for the scope"],
};
