import { AuthError } from "../error.ts";
import { checkOptionNames, must } from "../options.ts";
import type { RequestView } from "../types.ts";
import { refused } from "./refused.ts";
import { mayCarryCookie } from "./same-origin.ts";
import type { Found, Source } from "./source.ts";

/** A cookie of that name. */
export interface CookiePlace {
  readonly cookie: string;
}

/** The cookies that Amplify JS keeps for server-side rendering, of the app client with this id. */
export interface AmplifyCookiesPlace {
  readonly amplifyCookies: string;
  /** Which of its tokens counts; default `accessToken`. */
  readonly token?: "accessToken" | "idToken";
}

/**
 * What all cookies that hold a token have in common.
 * @param find the tokens that the request has there, each found when it is asked for
 */
function cookieSource(name: string, find: (request: RequestView) => Iterable<string>): Source {
  return {
    place: `cookie:${name}`,
    exclusive: true,
    read: (request) => firstOf(find(request)),
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
          `a token in the cookie '${name}' counts for ${request.method} only from a page of this server ` +
            "(Sec-Fetch-Site: same-origin, or a same-origin Origin)",
        );
      }
    },
  };
}

/** A second token is enough to reject the request: the search stops there. */
function firstOf(tokens: Iterable<string>): Found | undefined {
  const [text, second] = tokens;
  return text === undefined ? undefined : { text, isRepeated: second !== undefined };
}

/** @throws TypeError where the place is not one */
export function namedCookie(where: string, place: CookiePlace): Source {
  checkOptionNames(`${where}: from`, place, ["cookie"], { name: "cookie", cookieName: "cookie" });
  const { cookie } = place;
  must(
    typeof cookie === "string" && /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(cookie),
    `${where}: from: '${cookie}' is not a cookie's name`,
  );
  const find = cookiesNamed(`${literally(cookie)}\\s*`);
  return cookieSource(cookie, function* (request) {
    for (const { value } of find(request)) yield value;
  });
}

/**
 * Amplify JS stores the name of the user who signed in last in one cookie and the tokens in others that are named after
 * the user. Clients escape the user's name (js-cookie) or do not (Amplify v5); what counts is what it means.
 * @throws TypeError where the place is not one
 */
export function amplifyCookies(where: string, place: AmplifyCookiesPlace): Source {
  checkOptionNames(`${where}: from`, place, ["amplifyCookies", "token"], { tokenUse: "token" });
  const { amplifyCookies: clientId, token = "accessToken" } = place;
  must(
    typeof clientId === "string" && /^\w+$/.test(clientId),
    `${where}: from: amplifyCookies is the id of the app client, not '${clientId}'`,
  );
  must(
    token === "accessToken" || token === "idToken",
    `${where}: from: token is 'accessToken' or 'idToken', not '${token}'`,
  );
  const prefix = `CognitoIdentityServiceProvider.${clientId}`;
  const find = cookiesNamed(`${literally(`${prefix}.`)}[^=;]+`);
  return cookieSource(prefix, function* (request) {
    const users = new Set<string>();
    const tokens: Cookie[] = [];
    for (const cookie of find(request)) {
      if (cookie.name === `${prefix}.LastAuthUser`) users.add(unescaped(cookie.value));
      else if (cookie.name.endsWith(`.${token}`)) tokens.push(cookie);
    }
    if (users.size === 0) return;
    for (const { name, value } of tokens) {
      if (users.has(unescaped(name.slice(prefix.length + 1, -token.length - 1)))) yield value;
    }
  });
}

interface Cookie {
  readonly name: string;
  /** Not empty: a server takes a cookie away by emptying it. */
  readonly value: string;
}

/**
 * Finds cookies with one search of the header: to take thousands of other cookies apart would take fifty times as long.
 * @param name an expression for the whole name, with the spaces behind it; it has to stop at `=` and at `;`
 */
function cookiesNamed(name: string): (request: RequestView) => Generator<Cookie> {
  const cookie = new RegExp(`(?:^|;)\\s*(${name})=\\s*([^;\\s][^;]*)`, "g");
  return function* (request) {
    for (const [, name = "", value = ""] of (request.header("cookie") ?? "").matchAll(cookie)) {
      yield { name: name.trimEnd(), value: value.trimEnd() };
    }
  };
}

/** An expression for this text, which consists of characters that names of cookies may have. */
function literally(text: string): string {
  return text.replaceAll(/[$*+.^|]/g, "\\$&");
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
