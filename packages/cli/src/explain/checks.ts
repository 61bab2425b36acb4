/** One thing that a mode looks at, in the order in which it does. */
export interface Check {
  readonly name: string;
  readonly outcome: "holds" | "fails" | "not reached";
}

/** A check and the reasons for which it fails. */
type Step = readonly [name: string, ...reasons: readonly string[]];

const token: readonly Step[] = [
  ["it comes from where it may", "cookie_repeated", "cookie_cross_site"],
  ["it is a token", "token_malformed", "token_too_large", "crit_unsupported"],
  ["its issuer is trusted", "issuer_unknown", "issuer_unsafe"],
  ["its algorithm is accepted", "algorithm_refused"],
  ["its type is accepted", "type_refused"],
  [
    "its key is known",
    "kid_unknown",
    "kid_missing",
    "kid_ambiguous",
    "key_unfit",
    "keys_unavailable",
    "key_fetches_spent",
    "key_unusable",
  ],
  ["its signature holds", "signature_mismatch"],
  ["it is for this server", "token_use_refused", "client_refused", "audience_refused"],
  ["its sender can be checked", "cnf_malformed", "sender_constrained"],
  [
    "its times are sound",
    "expiry_missing",
    "claim_malformed",
    "token_not_yet_valid",
    "token_issued_in_future",
    "sign_in_time_missing",
    "sign_in_in_future",
    "issue_time_missing",
  ],
  ["it has not ended", "sign_in_too_old", "token_expired", "token_too_old"],
  ["it names somebody", "subject_missing"],
  ["its sender holds its key", "cnf_missing", "confirmation_failed"],
  ["it is not revoked", "token_revoked"],
];

const signatureForm: Step = [
  "it is well formed",
  "signed_twice",
  "hosts_differ",
  "target_malformed",
  "path_ambiguous",
  "parameters_too_many",
  "query_escape_broken",
  "parameter_missing",
  "parameter_repeated",
  "algorithm_unsupported",
  "expires_malformed",
  "authorization_too_long",
  "authorization_pair_malformed",
  "authorization_parameter_missing",
  "authorization_parameter_unexpected",
  "credential_malformed",
  "signature_malformed",
  "signed_headers_malformed",
  "header_repeated",
  "presigned_contradicted",
  "date_missing",
  "date_malformed",
  "session_token_too_long",
];
const bodyRead: Step = [
  "the body can be read",
  "body_too_large",
  "body_cut",
  "body_timeout",
  "body_consumed",
  "body_inflated",
];
const keyIsKnown: Step = [
  "the access key is known",
  "access_key_unknown",
  "access_key_disabled",
  "session_token_missing",
  "session_token_mismatch",
  "session_token_unexpected",
];
const signatureHolds: Step = ["the signature holds", "signature_mismatch"];
const keyLives: Step = ["the key has not ended", "access_key_expired", "session_expired"];

/** @param declared the request names the hash of its body: then that is read after the signature was checked */
function signature(declared: boolean): readonly Step[] {
  return [
    ["presigned requests are accepted", "presigned_not_accepted", "presigned_method_not_accepted"],
    signatureForm,
    ["the date is near", "date_skewed", "presigned_too_long", "presigned_expired"],
    [
      "it is signed for this server",
      "region_not_accepted",
      "service_not_accepted",
      "scope_not_terminated",
      "scope_date_differs",
    ],
    ["all that matters is signed", "host_unsigned", "signed_header_absent", "header_unsigned"],
    ["the body is signed", "payload_unsigned", "payload_streaming", "payload_hash_malformed"],
    ...(declared
      ? [keyIsKnown, signatureHolds, keyLives, bodyRead]
      : [bodyRead, keyIsKnown, signatureHolds, keyLives]),
    ["the body is the signed one", "body_hash_mismatch"],
    ["it was not used before", "replayed"],
  ];
}

const apiKey: readonly Step[] = [
  ["it looks like a key", "api_key_malformed"],
  ["the key is known", "api_key_unknown", "api_key_mismatch"],
  ["the key has not ended", "api_key_expired"],
];

const lambda: readonly Step[] = [
  [
    "the authorizer can be asked",
    "token_empty",
    "token_too_long",
    "token_pattern_mismatch",
    "identity_source_missing",
    "body_encoded",
    "body_too_large",
    "body_cut",
    "body_timeout",
    "body_too_deep",
    "path_not_canonical",
    "parameters_too_many",
    "authorizer_busy",
  ],
  [
    "the authorizer answers",
    "authorizer_failed",
    "authorizer_timeout",
    "authorizer_answer_malformed",
    "authorizer_policy_unsupported",
  ],
  ["the authorizer says yes", "authorizer_denied", "policy_denied"],
];

function stepsOf(mode: string, declaresBody: boolean): readonly Step[] {
  switch (mode) {
    case "userPool":
    case "oidc":
      return token;
    case "iam":
      return signature(declaresBody);
    case "apiKey":
      return apiKey;
    case "lambda":
      return lambda;
    default:
      return [];
  }
}

/**
 * Which checks of a mode held. Empty where that cannot be told: the refusal came before, or from the server's own code.
 * @param reason undefined where the mode accepted
 */
export function checksOf(mode: string, reason: string | undefined, declaresBody: boolean): readonly Check[] {
  const steps = stepsOf(mode, declaresBody);
  const failed =
    reason === undefined ? steps.length : steps.findIndex(([, ...reasons]) => reasons.includes(reason));
  if (failed === -1) return [];
  return steps.map(([name], index) => ({
    name,
    outcome: index < failed ? "holds" : index === failed ? "fails" : "not reached",
  }));
}
