import { AuthError } from "../error.ts";
import { checkOptionNames, must } from "../options.ts";
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
function cookieSource(name: string, find: (request: RequestView) => readonly string[]): Source {
  return {
    place: `cookie:${name}`,
    exclusive: true,
    read: (request) => find(request)[0],
    forwardable: (_request, token) => `Bearer ${token}`,
    guard(request) {
      if (find(request).length > 1) {
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
  return cookieSource(cookie, (request) => valuesOf(request, (name) => name === cookie));
}

/**
 * Amplify JS stores the name of the user who signed in last in one cookie and the tokens in others that are named after
 * the user. Clients escape these names (js-cookie) or do not (Amplify v5); what counts is what they mean.
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
  return cookieSource(prefix, (request) => {
    const users = valuesOf(request, (name) => name === `${prefix}.LastAuthUser`).map(unescaped);
    return users.flatMap((user) => {
      const key = `${prefix}.${user}.${token}`;
      return valuesOf(request, (name) => unescaped(name) === key);
    });
  });
}

/** Values that are not empty: a server takes a cookie away by emptying it. */
function valuesOf(request: RequestView, isWanted: (name: string) => boolean): readonly string[] {
  const header = request.header("cookie");
  if (header === undefined) return [];
  const values: string[] = [];
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (equals === -1 || !isWanted(pair.slice(0, equals).trim())) continue;
    const value = pair.slice(equals + 1).trim();
    if (value !== "") values.push(value);
  }
  return values;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
