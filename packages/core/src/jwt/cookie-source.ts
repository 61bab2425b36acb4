import { AuthError } from "../refusal/error.ts";
import { checkOptionNames, must } from "../lib/options.ts";
import type { RequestView } from "../types.ts";
import { refused } from "./refused.ts";
import { mayCarryCookie } from "./same-origin.ts";
import type { Source } from "./source.ts";

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

/** What all cookies that hold a token have in common. */
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
          `a token in the cookie '${name}' counts for ${request.method} only from a page of this server ` +
            "(Sec-Fetch-Site: same-origin, or a same-origin Origin)",
        );
      }
    },
  };
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
  return cookieSource(cookie, (request) => {
    // A second one is enough to reject the request: the search stops there.
    const [first, second] = find(request);
    return first && { text: first.value, isRepeated: second !== undefined };
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
  const find = cookiesNamed(`${literally(prefix)}\\.[^=;]+`);
  return cookieSource(prefix, (request) => {
    const cookies = [...find(request)];
    const [user, another] = cookies.filter(({ name }) => name === `${prefix}.LastAuthUser`);
    if (user === undefined) return undefined;
    const names = new Set(spellingsOf(unescaped(user.value)).map((name) => `${prefix}.${name}.${token}`));
    // Of two users either may be meant.
    const [first, second] = cookies.filter(({ name }) =>
      another === undefined ? names.has(name) : name.endsWith(`.${token}`),
    );
    return first && { text: first.value, isRepeated: (second ?? another) !== undefined };
  });
}

/** How clients write a user's name into the name of a cookie: as it is, escaped, or as js-cookie escapes it. */
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
