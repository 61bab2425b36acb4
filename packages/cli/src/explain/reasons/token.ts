import type { Steps } from "./meaning.ts";
import { signatureReasons } from "./shared.ts";

const refresh = "get a new token; a client refreshes it";
/** Of the modes userPool and oidc. */
export const tokenSteps: Steps = {
  "it comes from where it may": {
    cookie_repeated: ["the cookie was sent several times", "delete the one of the parent domain"],
    cookie_cross_site: [
      "a page of another site sent the cookie along",
      "call from a page of this server, or send Authorization",
    ],
  },
  "it is a token": {
    token_malformed: [
      "what was sent is no JSON Web Token",
      "send the whole token, three parts with dots between",
    ],
    token_too_large: ["the token is over 8192 characters", "let the issuer put fewer claims in"],
    crit_unsupported: [
      "the token asks for an extension that nobody here knows",
      "let the issuer leave out crit",
    ],
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
    keys_unavailable: [
      "the issuer's keys cannot be had",
      "see whether this machine reaches the issuer: authmodes check",
    ],
    key_fetches_spent: [
      "the key set has no key of this name, and tokens of unknown keys had it fetched too often in the last minute",
      "try again after the time in Retry-After; if it goes on, look for callers that invent key ids",
    ],
    key_unusable: ["the issuer's key cannot be used", "look at the issuer's key set"],
  },
  "its signature holds": signatureReasons,
  "it is for this server": {
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
  },
  "its sender can be checked": {
    cnf_malformed: ["cnf of the token is not an object", "let the issuer write it as RFC 7800 says"],
    sender_constrained: [
      "only the holder of a key may send this token (cnf), and nothing here checks that",
      "set confirmation in userPool() or oidc(), or get a token that is not bound to a key",
    ],
  },
  "its times are sound": {
    expiry_missing: ["the token does not say when it ends: exp is missing", "let the issuer write exp"],
    claim_malformed: ["a time in the token is not a number of seconds", "let the issuer write a number"],
    token_not_yet_valid: ["the token is not valid yet", "wait, or set the clocks right"],
    token_issued_in_future: ["the token comes from the future", "set the clocks of issuer and server right"],
    sign_in_time_missing: [
      "auth_time is missing, by which maxAuthAgeSeconds counts",
      "let the issuer write auth_time",
    ],
    sign_in_in_future: ["the sign-in is in the future", "set the clocks of issuer and server right"],
    issue_time_missing: ["iat is missing, by which maxTokenAgeSeconds counts", "let the issuer write iat"],
  },
  "it has not ended": {
    sign_in_too_old: ["the sign-in is older than maxAuthAgeSeconds", "sign in again"],
    token_expired: ["the token has expired", refresh],
    token_too_old: ["the token is older than maxTokenAgeSeconds", refresh],
  },
  "it names somebody": {
    subject_missing: ["the token names nobody: sub is missing", "let the issuer write sub"],
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
