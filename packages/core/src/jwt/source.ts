import { bearerToken, dpopToken } from "../auth/credentials.ts";
import { list, must } from "../lib/options.ts";
import type { RequestView } from "../types.ts";
import { type AmplifyCookiesPlace, amplifyCookies, type CookiePlace, namedCookie } from "./cookie-source.ts";

/**
 * Where tokens come from: `Authorization`, raw or after `Bearer ` or `DPoP `, a cookie, or those of Amplify JS for server-side
 * rendering. The first of a list that holds one counts.
 */
export type TokenSource = TokenPlace | readonly TokenPlace[];
type TokenPlace = "header" | CookiePlace | AmplifyCookiesPlace;

/** What a request has in such a place. */
export interface Found {
  /** Token or not. */
  readonly text: string;
  /** There is a second one beside it. */
  readonly isRepeated: boolean;
}

/** One place of a request where a token can sit. */
export interface Source {
  /** As in `Detection.place`. */
  readonly place: string;
  read(request: RequestView): Found | undefined;
  /** Whether it is for tokens that are bound to a key alone. */
  readonly bound?: boolean;
  /** Whether all that sits there is for this mode, so that what is not a token must be refused. */
  readonly exclusive: boolean;
  /** The `Authorization` that carries the same token elsewhere. */
  forwardable(request: RequestView, token: string): string;
  /** @throws AuthError if what was found there must not count */
  guard(request: RequestView, found: Found): void;
}

const headerSource: Source = {
  place: "authorization",
  exclusive: false,
  read(request) {
    const value = request.header("authorization");
    return value === undefined ? undefined : { text: bearerToken(value), isRepeated: false };
  },
  forwardable: (request, token) => request.header("authorization") ?? token,
  guard: () => {},
};

/** The scheme of RFC 9449 §7.1. Its proof is in a header of its own, which `confirmation` checks. */
const dpopSource: Source = {
  ...headerSource,
  bound: true,
  read(request) {
    const value = request.header("authorization");
    const text = value === undefined ? undefined : dpopToken(value);
    return text === undefined ? undefined : { text, isRepeated: false };
  },
};

/** @throws TypeError where a place is not one */
export function sourcesOf(where: string, from: TokenSource | undefined): readonly Source[] {
  const places = list<TokenPlace>(from === undefined ? "header" : from);
  must(places.length > 0, `${where}: from is an empty list: no token could be found`);
  const sources = places.map((place) => sourceOf(where, place));
  const names = sources.map(({ place }) => place);
  must(new Set(names).size === names.length, `${where}: from names a place twice: ${names.join(", ")}`);
  return sources.flatMap((source) => (source === headerSource ? [source, dpopSource] : [source]));
}

function sourceOf(where: string, place: TokenPlace): Source {
  if (place === "header") return headerSource;
  must(
    typeof place === "object" && place !== null,
    `${where}: from is 'header', { cookie: name }, { amplifyCookies: clientId } or a list of these, ` +
      `not ${JSON.stringify(place)}`,
  );
  return "amplifyCookies" in place ? amplifyCookies(where, place) : namedCookie(where, place);
}
