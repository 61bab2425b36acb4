import { unescaped } from "../auth/credentials.ts";
import { httpUrl } from "../lib/urls.ts";
import { isToken, must } from "../lib/options.ts";
import { AuthError, refused } from "../refusal/error.ts";
import type { RequestView } from "../types.ts";
import type { Source } from "./source.ts";

/** The cookies that Amplify JS keeps for server-side rendering, of the app client with this id. */
export interface AmplifyCookiesPlace {
  readonly amplifyCookies: string;
  /** The token to use. Default `accessToken`. */
  readonly token?: "accessToken" | "idToken";
}

function cookieSource(name: string, read: Source["read"]): Source {
  return {
    place: `cookie:${name}`,
    exclusive: true,
    read,
    forwardable: (_request, token) => `Bearer ${token}`,
    guard(request, { isRepeated }) {
      if (isRepeated) {
        throw new AuthError("credentials_malformed", "cookie_repeated", {
          detail: `the request has several cookies '${name}': one may come from another site below the same domain`,
        });
      }
      if (!mayCarryCookie(request)) {
        throw refused(
          "cookie_cross_site",
          `a token in the cookie '${name}' is accepted for ${request.method} only from a page of this server ` +
            "(Sec-Fetch-Site: same-origin, or a same-origin Origin)",
        );
      }
    },
  };
}

/** @throws TypeError if the place is malformed */
export function namedCookie(where: string, cookie: string): Source {
  must(isToken(cookie), `${where}: '${cookie}' is not a cookie's name`);
  const find = cookiesNamed(`${literally(cookie)}\\s*`);
  return cookieSource(cookie, (request) => {
    // The search stops at a second one, which is enough to reject the request.
    const [first, second] = find(request);
    return first && { text: first.value, isRepeated: second !== undefined };
  });
}

/**
 * Amplify JS stores the name of the user who signed in last in one cookie, and the tokens in others that contain the
 * user's name: escaped (js-cookie) or not (Amplify v5).
 * @throws TypeError if the place is malformed
 */
export function amplifyCookies(where: string, place: AmplifyCookiesPlace): Source {
  const { amplifyCookies: clientId, token = "accessToken" } = place;
  must(
    typeof clientId === "string" && /^\w+$/.test(clientId),
    `${where}: amplifyCookies is the id of the app client, not '${clientId}'`,
  );
  must(
    token === "accessToken" || token === "idToken",
    `${where}: token is 'accessToken' or 'idToken', not '${token}'`,
  );
  const prefix = `CognitoIdentityServiceProvider.${clientId}`;
  const find = cookiesNamed(`${literally(prefix)}\\.[^=;]+`);
  return cookieSource(prefix, (request) => {
    const cookies = [...find(request)];
    const [user, another] = cookies.filter(({ name }) => name === `${prefix}.LastAuthUser`);
    if (user === undefined) return undefined;
    const names = new Set(
      spellingsOf(unescaped(user.value) ?? user.value).map((name) => `${prefix}.${name}.${token}`),
    );
    // With two users, any of their tokens may be meant.
    const [first, second] = cookies.filter(({ name }) =>
      another === undefined ? names.has(name) : name.endsWith(`.${token}`),
    );
    return first && { text: first.value, isRepeated: (second ?? another) !== undefined };
  });
}

/** The spellings of a user's name in the name of a cookie: as it is, escaped, or as js-cookie escapes it. */
function spellingsOf(user: string): readonly string[] {
  const escaped = encodeURIComponent(user);
  const byJsCookie = escaped
    .replaceAll(/%(?:2[346B]|5E|60|7C)/g, (escape) => decodeURIComponent(escape))
    .replaceAll("(", "%28")
    .replaceAll(")", "%29");
  return [user, escaped, byJsCookie];
}

interface Cookie {
  readonly name: string;
  /** Not empty: servers delete a cookie by setting it to an empty value. */
  readonly value: string;
}

/**
 * Finds cookies with one search of the header: splitting thousands of cookies would take fifty times as long.
 * @param name an expression for the whole name, with the spaces after it; it must stop at `=` and at `;`
 */
function cookiesNamed(name: string): (request: RequestView) => Generator<Cookie> {
  const cookie = new RegExp(`(?:^|;)\\s*(${name})=\\s*([^;\\s][^;]*)`, "g");
  return function* (request) {
    for (const [, name = "", value = ""] of (request.header("cookie") ?? "").matchAll(cookie)) {
      yield { name: name.trimEnd(), value: value.trimEnd() };
    }
  };
}

/** An expression for a text that consists of characters of cookie names. */
function literally(text: string): string {
  return text.replaceAll(/[$*+.^|]/g, "\\$&");
}

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether credentials that a browser attached by itself may be used. Reading needs no proof, since another site cannot
 * see the answer; any other request, and a WebSocket handshake, must come from a page of this server.
 */
function mayCarryCookie(request: RequestView): boolean {
  const safe = safeMethods.has(request.method) && request.header("upgrade") === undefined;
  return safe || isSameOrigin(request);
}

/**
 * Whether a browser says that a page of another site caused the request. Other clients say nothing. Reading is excepted as
 * for cookies.
 */
export function isFromOtherSite(request: RequestView): boolean {
  if (mayCarryCookie(request)) return false;
  return request.header("sec-fetch-site") !== undefined || request.header("origin") !== undefined;
}

/** By the headers that browsers set and pages cannot change. */
function isSameOrigin(request: RequestView): boolean {
  const site = request.header("sec-fetch-site");
  // If present, it decides: it compares schemes too, which we cannot do with `Origin` and `Host`.
  if (site !== undefined) return site === "same-origin";
  const origin = httpUrl(request.header("origin"));
  if (origin === undefined || request.host === undefined) return false;
  return httpUrl(`${origin.protocol}//${request.host}`)?.host === origin.host;
}
