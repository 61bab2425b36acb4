import type { Steps } from "./meaning.ts";
import { signatureReasons } from "./shared.ts";

const refresh = "get a new token; a client refreshes it";
/** Of the modes userPool and oidc. */
export const tokenSteps: Steps = {
  "it is in an accepted place": {
    cookie_repeated: ["the cookie was sent several times", "delete the one of the parent domain"],
    cookie_cross_site: [
      "a page of another site sent the cookie",
      "call from this site, or send Authorization",
    ],
    token_repeated: ["the token was sent several times", "send one"],
    token_cross_site: [
      "a page of another site caused the request, and a proxy may have added the token",
      "call from this site, or send Authorization",
    ],
  },
  "it is a token": {
    token_malformed: ["this is not a JSON Web Token", "send all of it: three parts with dots between"],
    token_too_large: [
      "the token is longer than maxTokenLength, by default 8192 characters",
      "let the issuer put fewer claims in, or raise maxTokenLength",
    ],
    crit_unsupported: [
      "the token requires an unsupported extension (crit)",
      "have the issuer leave out crit",
    ],
  },
  "a known load balancer signed it": {
    signer_refused: [
      "another load balancer signed the token, or none",
      "add its ARN to from: { loadBalancer }, or close the way past the load balancer",
    ],
    kid_malformed: ["the load balancer's key has no UUID", "close the way past the load balancer"],
  },
  "its issuer is trusted": {
    issuer_unknown: [
      "the token is of an issuer that this server does not trust",
      "add the issuer to userPool() or oidc(), to the letter, or send a token of the right one",
    ],
    issuer_unsafe: [
      "the issuer's keys would have to be fetched over plain http",
      "use https, give its options a jwksUri, or name its host in allowInsecureHttp",
    ],
  },
  "its algorithm is accepted": {
    algorithm_refused: [
      "the token is signed with an algorithm that is not accepted for this issuer",
      "let the issuer sign with an accepted one, or name it in algorithms",
    ],
  },
  "its type is accepted": {
    type_refused: ["the token is of another type, such as an id or a logout token", "send an access token"],
  },
  "its key is known": {
    kid_unknown: ["the issuer publishes no key of this name", "get a new token; is it of another issuer?"],
    kid_missing: ["the token names no key, and several fit", "let the issuer write kid into the header"],
    kid_ambiguous: ["the key set has several keys of this name", "have the issuer name each key differently"],
    key_unfit: ["the token's key is for another algorithm", "have it signed with the key's algorithm"],
    keys_unavailable: ["the issuer's keys cannot be fetched", "run npx authmodes check for the cause"],
    key_fetches_spent: [
      "the key set has no key of this name, and tokens of unknown keys had it fetched too often in the last minute",
      "try again after the time in Retry-After; if it goes on, look for callers that invent key ids",
    ],
    key_unusable: ["the issuer's key cannot be used", "look at the issuer's key set"],
  },
  "its signature is valid": signatureReasons,
  "it is for this server": {
    claim_missing: ["a claim of RFC 9068 is missing", "have the issuer write it, or leave out profile"],
    token_use_refused: [
      "an id token was sent where an access token is asked for, or the other way round",
      "send the other token, or say tokenUse in userPool() or oidc()",
    ],
    client_refused: ["the token was issued to another client", "add it to clientId, or use the right client"],
    audience_refused: ["the token is for another audience", "request one for this API, or change audience"],
  },
  "its sender can be checked": {
    cnf_malformed: ["cnf of the token is not an object", "let the issuer write it as RFC 7800 says"],
    sender_constrained: [
      "only the holder of a key may send this token (cnf), and nothing here checks that",
      "set confirmation in userPool() or oidc(), or get a token that is not bound to a key",
    ],
  },
  "its times are sound": {
    expiry_missing: ["the token has no expiry: exp is missing", "let the issuer write exp"],
    claim_malformed: ["a time in the token is not a number of seconds", "let the issuer write a number"],
    token_not_yet_valid: ["the token is not valid yet", "wait, or set the clocks right"],
    token_issued_in_future: ["the token comes from the future", "set the clocks of issuer and server right"],
    sign_in_time_missing: ["auth_time is missing (for maxAuthAgeSeconds)", "have the issuer write auth_time"],
    sign_in_in_future: ["the sign-in is in the future", "set the clocks of issuer and server right"],
    issue_time_missing: ["iat is missing (for maxTokenAgeSeconds)", "have the issuer write iat"],
  },
  "it has not expired": {
    sign_in_too_old: ["the sign-in is older than maxAuthAgeSeconds", "sign in again"],
    token_expired: ["the token has expired", refresh],
    token_too_old: ["the token is older than maxTokenAgeSeconds", refresh],
  },
  "it names a subject": {
    subject_missing: ["the token has no subject: sub is missing", "let the issuer write sub"],
  },
  "its sender holds its key": {
    cnf_missing: ["the token was sent as DPoP, but is not bound to a key", "send it after Bearer"],
    confirmation_failed: [
      "the request does not prove that its sender holds the key that the token names (cnf)",
      "send the proof that belongs to the token, such as the DPoP header or the client certificate",
    ],
  },
  "it is not revoked": {
    token_revoked: ["the token was revoked", "sign in again"],
  },
};
