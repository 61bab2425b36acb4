import type { Steps } from "./meaning.ts";
import { bodyReasons, queryReasons } from "./shared.ts";

export const lambdaSteps: Steps = {
  "the authorizer can be asked": {
    token_empty: ["Authorization is empty", "send the token that the authorizer knows"],
    token_too_long: ["the token is too long for the authorizer", "send a shorter one"],
    token_pattern_mismatch: [
      "the token does not match identityValidationExpression",
      "send a matching token",
    ],
    identity_source_missing: ["a value is missing that the authorizer decides by", "send it"],
    ...bodyReasons,
    body_encoded: ["the JSON body is compressed or not UTF-8", "send plain UTF-8"],
    body_too_deep: ["the JSON body is nested deeper than 100 levels", "send flatter JSON"],
    path_not_canonical: ["the path could be read in two ways", "call the plain path"],
    ...queryReasons,
    authorizer_busy: ["too many calls of the authorizer are in flight", "try again, or say maxConcurrent"],
  },
  "the authorizer answers": {
    authorizer_failed: ["the authorizer failed", "look at its log"],
    authorizer_timeout: ["the authorizer took too long", "look at its log, or say timeoutSeconds"],
    authorizer_answer_malformed: ["the authorizer's answer is malformed", "return what its type describes"],
    authorizer_policy_unsupported: ["the policy has unsupported parts", "use Effect, Action and Resource"],
  },
  "the authorizer says yes": {
    authorizer_denied: ["the authorizer says no", "look at what it decides by"],
    policy_denied: ["the authorizer's policy denies this call", "have it allow the method and path"],
  },
};
