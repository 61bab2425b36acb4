import { bearerToken, dpopToken } from "../auth/credentials.ts";
import { checkOptions, isToken, list, must } from "../lib/options.ts";
import type { RequestView } from "../types.ts";
import { AuthError, refused } from "../refusal/error.ts";

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
function namedCookie(where: string, place: CookiePlace): Source {
  checkOptions(`${where}: from`, place, { cookie: ["name", "cookieName"] });
  const { cookie } = place;
  must(isToken(cookie), `${where}: from: '${cookie}' is not a cookie's name`);
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
  checkOptions(`${where}: from`, place, { amplifyCookies: [], token: ["tokenUse"] });
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

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether credentials that a browser attached by itself may count. Reading needs no proof, since another site cannot
 * see the answer; anything else, and a WebSocket handshake, must come from a page of this server.
 */
function mayCarryCookie(request: RequestView): boolean {
  const safe = safeMethods.has(request.method) && request.header("upgrade") === undefined;
  return safe || isSameOrigin(request);
}

/** What browsers say of where a request comes from; pages can change neither header. */
function isSameOrigin(request: RequestView): boolean {
  const site = request.header("sec-fetch-site");
  // It compares schemes too, which `Origin` beside `Host` cannot: where it is there, it decides.
  if (site !== undefined) return site === "same-origin";
  const origin = request.header("origin");
  if (origin === undefined || !URL.canParse(origin) || request.host === undefined) return false;
  const url = new URL(origin);
  if (url.protocol !== "https:" && url.protocol !== "http:") return false;
  const named = `${url.protocol}//${request.host}`;
  return URL.canParse(named) && new URL(named).host === url.host;
}
