import type { Auth, RequestView } from "@authmodes/core";
import { printable } from "../io.ts";
import type { Meaning } from "./reasons/meaning.ts";
import { tokenIn, tokenParts } from "./token.ts";

// What people send by mistake, told by its look. A meaning here replaces that of the server's reason, which is about the
// check that failed.

/** @returns undefined if nothing about the credential is known to be wrong */
export function meaningOfSent(view: RequestView, auth: Auth | undefined): Meaning | undefined {
  const value = view.header("authorization")?.trim() ?? "";
  const [, scheme = "", rest = ""] = /^(?:(bearer|basic|dpop)(?: +|$))?(.*)$/is.exec(value) ?? [];
  if (value === "" || rest.startsWith("AWS4-")) return undefined;
  if (scheme.toLowerCase() === "basic") return basic;
  if (/^(?:undefined|null|NaN|\[object \w+\]|)$/.test(rest)) return placeholder(rest);
  if (/^(["']).*\1$/s.test(rest)) return quotedToken;
  const token = tokenIn(rest);
  // Of other schemes nothing is known.
  if (token === undefined) return /\s/.test(rest) ? undefined : opaque(rest);
  if (token.split(".").length === 5) return encrypted;
  const [header, claims] = tokenParts(token);
  if (header?.["nonce"] !== undefined || graphName.test(String(claims?.["aud"]))) return graph;
  return typeof claims?.["iss"] === "string" ? issuerMeaning(claims["iss"], auth) : undefined;
}

const getJwt =
  "request a JWT for this API (Auth0 sends one if the client asks for an audience), or let a custom authorizer check the token (mode lambda)";

const basic: Meaning = {
  says: "Authorization holds a user name and a password (Basic), and no mode reads those",
  mend: "get a token from the issuer and send it after Bearer, or let a custom authorizer check the password (mode lambda)",
};

function placeholder(word: string): Meaning {
  return {
    says: `the client sent ${word === "" ? "no token after Bearer" : `the word "${word}" in place of a token`}`,
    mend: "look at the variable that holds the token: was the request sent before the sign-in ended?",
  };
}

const quotedToken: Meaning = {
  says: "the token is in quotation marks",
  mend: "send it without them; a token that was stored as JSON is read by JSON.parse()",
};

function opaque(token: string): Meaning {
  return token.startsWith("ya29.")
    ? {
        says: "this is an access token of Google, which only Google can read",
        mend: "send the ID token that came with it: oidc({ issuer: 'https://accounts.google.com', clientId })",
      }
    : { says: "this is not a JWT: only its issuer can read the token", mend: getJwt };
}

const encrypted: Meaning = {
  says: "the token is encrypted (a JWE, five parts): only the service that it is for can read it",
  mend: getJwt,
};

/** The URL and the app id of Microsoft Graph. */
const graphName = /^(?:https:\/\/graph\.microsoft\.com\/?|00000003-0000-0000-c000-000000000000)$/;

const graph: Meaning = {
  says: "this is a token for Microsoft Graph, and only Graph can verify its signature (its header has a nonce)",
  mend: "request a scope of your own API, such as api://<client id>/access_as_user, in place of one of Graph, such as User.Read",
};

function issuerMeaning(issuer: string, auth: Auth | undefined): Meaning | undefined {
  const accepted = auth?.describe().flatMap(({ issuers }) => issuers.map((one) => one.issuer)) ?? [];
  if (accepted.includes(issuer)) return undefined;
  const bare = (url: string): string => url.replace(/\/$/, "");
  const name = printable(JSON.stringify(issuer));
  const other = accepted.find((one) => bare(one) === bare(issuer));
  if (other !== undefined) {
    const has = issuer.endsWith("/") ? "ends with a slash" : "has no slash at its end";
    return {
      says: `the issuer differs by a slash: iss of the token ${has}, the issuer of the server is ${other}`,
      mend: `write the issuer as the token does: issuer: ${name}`,
    };
  }
  const tenant = tenantOf(issuer);
  if (tenant === undefined || !accepted.some((one) => tenantOf(one) === tenant)) return undefined;
  return {
    says: `the token is of the right tenant of Entra ID, by its other issuer: iss is ${name}`,
    mend: `write issuer: ${name}, or set requestedAccessTokenVersion in the manifest of the API's registration (null or 1 is sts.windows.net, 2 is login.microsoftonline.com)`,
  };
}

/** Entra ID signs for a tenant by two issuers, one for each version of its tokens. */
function tenantOf(issuer: string): string | undefined {
  return /^https:\/\/(?:sts\.windows\.net\/([^/]+)\/|login\.microsoftonline\.com\/([^/]+)\/v2\.0)$/
    .exec(issuer)
    ?.slice(1)
    .find((name) => name !== undefined);
}
