import { bearerToken } from "../credentials.ts";
import { AuthError } from "../error.ts";
import { checkOptionNames, list, must } from "../options.ts";
import type { RequestView } from "../types.ts";
import { refused } from "./refused.ts";
import { mayCarryCookie } from "./same-origin.ts";

/** Where tokens come from: `Authorization`, raw or after `Bearer `, or a cookie. The first of a list that holds one counts. */
export type TokenSource = TokenPlace | readonly TokenPlace[];
type TokenPlace = "header" | { readonly cookie: string };

/** One place of a request where a token can sit. */
export interface Source {
  /** As in `Detection.place`. */
  readonly place: string;
  /** What sits there, token or not. */
  read(request: RequestView): string | undefined;
  /** Whether all that sits there is for this mode, so that what is not a token must be refused. */
  readonly exclusive: boolean;
  /** The `Authorization` that carries the same token elsewhere. */
  forwardable(request: RequestView, token: string): string;
  /** @throws AuthError where a token that sits there must not count */
  guard(request: RequestView): void;
}

const headerSource: Source = {
  place: "authorization",
  exclusive: false,
  read(request) {
    const value = request.header("authorization");
    return value === undefined ? undefined : bearerToken(value);
  },
  forwardable: (request, token) => request.header("authorization") ?? token,
  guard: () => {},
};

function cookieSource(name: string): Source {
  return {
    place: `cookie:${name}`,
    exclusive: true,
    read: (request) => cookiesNamed(request, name)[0],
    forwardable: (_request, token) => `Bearer ${token}`,
    guard(request) {
      if (cookiesNamed(request, name).length > 1) {
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

/** Values that are not empty: a server takes a cookie away by emptying it. */
function cookiesNamed(request: RequestView, name: string): readonly string[] {
  const header = request.header("cookie");
  if (header === undefined) return [];
  const values: string[] = [];
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (equals === -1 || pair.slice(0, equals).trim() !== name) continue;
    const value = pair.slice(equals + 1).trim();
    if (value !== "") values.push(value);
  }
  return values;
}

/** @throws TypeError where a place is not one */
export function sourcesOf(where: string, from: TokenSource | undefined): readonly Source[] {
  const places = list<TokenPlace>(from === undefined ? "header" : from);
  must(places.length > 0, `${where}: from is an empty list: no token could be found`);
  const sources = places.map((place) => sourceOf(where, place));
  const names = sources.map(({ place }) => place);
  must(new Set(names).size === names.length, `${where}: from names a place twice: ${names.join(", ")}`);
  return sources;
}

function sourceOf(where: string, place: TokenPlace): Source {
  if (place === "header") return headerSource;
  must(
    typeof place === "object" && place !== null,
    `${where}: from is 'header', { cookie: name } or a list of these, not ${JSON.stringify(place)}`,
  );
  checkOptionNames(`${where}: from`, place, ["cookie"], { name: "cookie", cookieName: "cookie" });
  must(
    typeof place.cookie === "string" && /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(place.cookie),
    `${where}: from: '${place.cookie}' is not a cookie's name`,
  );
  return cookieSource(place.cookie);
}
