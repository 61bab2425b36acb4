import type { Claims } from "../identity.ts";
import { list } from "../lib/options.ts";
import { refused, shown } from "../refusal/error.ts";
import { textOf } from "./claims.ts";
import type { Matcher } from "./match.ts";

/** Who may receive a token, by the options of `oidc`. */
export interface Receiver {
  readonly audience: Matcher | undefined;
  readonly client: Matcher | undefined;
  readonly clientIdClaim: string | undefined;
  /** By RFC 9068. */
  readonly isProfiled: boolean;
  readonly isAccessOnly: boolean;
}

/** @throws AuthError */
export function checkReceiver(claims: Claims, receiver: Receiver): void {
  const { audience, client } = receiver;
  const { aud } = claims;
  const receivers = list<unknown>(aud);
  if (receiver.isProfiled) checkProfile(claims);
  const sign = receiver.isAccessOnly ? signOfIdToken(claims) : undefined;
  if (sign !== undefined) {
    const detail = `the token has ${sign}, so it is an ID token; send an access token, or set tokenUse: "both"`;
    throw refused("token_use_refused", detail);
  }
  if (audience !== undefined && !receivers.some(audience.accepts)) {
    throw refused("audience_refused", `aud is ${shown(aud)}, not ${audience.text}`);
  }
  if (client !== undefined) checkClient(claims, receivers, client, receiver.clientIdClaim);
}

function checkClient(
  claims: Claims,
  receivers: readonly unknown[],
  client: Matcher,
  claim: string | undefined,
): void {
  if (claim !== undefined) {
    if (client.accepts(claims[claim])) return;
    throw refused("client_refused", `${claim} is ${shown(claims[claim])}, not ${client.text}`);
  }
  const name = claims["azp"] === undefined && claims["client_id"] !== undefined ? "client_id" : "azp";
  if ([claims[name], ...receivers].some(client.accepts)) return;
  throw refused(
    "client_refused",
    `${name} is ${shown(claims[name])} and aud ${shown(claims["aud"])}, not ${client.text}${clientHint(claims)}`,
  );
}

/** The claims of other issuers. */
function clientHint(claims: Claims): string {
  const name = ["cid", "appid"].find(
    (one) => claims["azp"] === undefined && textOf(claims, one) !== undefined,
  );
  return name === undefined ? "" : `; the token names its client in ${name}: set clientIdClaim: "${name}"`;
}

/** RFC 9068 §2.2. Type, subject, issuer, expiry and audience are checked for every token. */
function checkProfile(claims: Claims): void {
  const missing = ["client_id", "jti"].find((name) => textOf(claims, name) === undefined);
  const absent = missing ?? ["iat", "aud"].find((name) => claims[name] === undefined);
  if (absent === undefined) return;
  throw refused("claim_missing", `the token has no ${absent}, which the profile 'at+jwt' requires`);
}

/** OpenID Connect Core 1.0 §2 and §3.3.2.11: these claims bind an ID token to a login. */
function signOfIdToken(claims: Claims): string | undefined {
  if (claims["typ"] === "ID") return "typ 'ID'";
  // Until version 25, Keycloak wrote the nonce into access tokens too.
  const names = claims["typ"] === "Bearer" ? ["at_hash", "c_hash"] : ["nonce", "at_hash", "c_hash"];
  return names.find((name) => claims[name] !== undefined);
}
