import { bearerToken, countHeader, dpopToken, queryOf, trimSpace } from "../auth/credentials.ts";
import { checkOptions, isToken, list, must, type OptionNames } from "../lib/options.ts";
import type { RequestView } from "../types.ts";
import { AuthError, refused } from "../refusal/error.ts";
import { type AmplifyCookiesPlace, amplifyCookies, isFromOtherSite, namedCookie } from "./cookie-source.ts";
import { loadBalancerHeader, type LoadBalancerPlace, readLoadBalancers } from "./load-balancer.ts";
import type { ReadToken } from "./token.ts";

/**
 * The places of tokens. In a list, the first place that holds a token is used.
 *
 * - `header`: `Authorization`, with the token raw or after `Bearer ` or `DPoP `.
 * - `{ cookie: "session" }`, or the cookies of Amplify JS for server-side rendering: `{ amplifyCookies: clientId }`.
 * - `{ header: "x-forwarded-access-token" }`: another header, raw or after `Bearer `.
 * - `{ loadBalancer: arn }`: `x-amzn-oidc-data` of an Application Load Balancer that signs users in.
 * - `{ subprotocol: "bearer" }`: `Sec-WebSocket-Protocol: bearer, <token>`, for browsers, whose WebSockets send no headers. The
 *   server has to answer with that subprotocol.
 * - `{ query: "access_token" }`: a query parameter. URLs end up in histories and in the logs of proxies; ours leave the
 *   query out.
 *
 * A browser or a proxy may have added a token in a cookie, in `{ header }` or of `{ loadBalancer }`: on unsafe methods it is
 * rejected if a page of another site caused the request.
 */
export type TokenSource = TokenPlace | readonly TokenPlace[];
type TokenPlace =
  | "header"
  | { readonly cookie: string }
  | AmplifyCookiesPlace
  | { readonly header: string }
  | LoadBalancerPlace
  | { readonly subprotocol: string }
  | { readonly query: string };

/** The content of such a place on a request. */
export interface Found {
  /** A token, or other text. */
  readonly text: string;
  /** Whether there is a second one. */
  readonly isRepeated: boolean;
}

/** A place on a request that can hold a token. */
export interface Source {
  /** As in `Detection.place`. */
  readonly place: string;
  /** The request header that clients set, for CORS. */
  readonly requestHeader?: string;
  read(request: RequestView): Found | undefined;
  /** Whether it holds only tokens that are bound to a key. Default false. */
  readonly bound?: boolean;
  /** Whether the place is only for tokens, so that other text in it must be rejected. */
  readonly exclusive: boolean;
  /** Reads tokens that a load balancer signed. Default: the issuer signed them. */
  readonly readBalanced?: ReadToken;
  /** The `Authorization` that forwards the token; undefined if other services do not accept it. */
  forwardable(request: RequestView, token: string): string | undefined;
  /** @throws AuthError if the token must not be used for this request */
  guard(request: RequestView, found: Found): void;
}

const headerSource: Source = {
  place: "authorization",
  requestHeader: "authorization",
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

/** @throws TypeError if a place is malformed */
export function sourcesOf(where: string, from: TokenSource | undefined): readonly Source[] {
  const places = list<TokenPlace>(from === undefined ? "header" : from);
  must(places.length > 0, `${where}: from is an empty list: no token could be found`);
  const sources = places.map((place) => sourceOf(`${where}: from`, place));
  const names = sources.map(({ place }) => place);
  must(new Set(names).size === names.length, `${where}: from names a place twice: ${names.join(", ")}`);
  return sources.flatMap((source) => (source === headerSource ? [source, dpopSource] : [source]));
}

/** The objects that name a place, each with its names elsewhere. */
const placeNames: OptionNames = {
  header: ["headerName"],
  cookie: ["cookieName"],
  amplifyCookies: [],
  loadBalancer: ["loadBalancerArn", "alb", "albArn", "signer"],
  subprotocol: ["protocol"],
  query: ["parameter", "queryParameter"],
};

function sourceOf(where: string, place: TokenPlace): Source {
  if (place === "header") return headerSource;
  const isBag = typeof place === "object" && place !== null;
  const [name, second] = isBag ? Object.keys(placeNames).filter((known) => known in place) : [];
  if (isBag && name === undefined) checkOptions(where, place, placeNames);
  must(
    name !== undefined,
    `${where} is 'header', { header: name }, { cookie: name }, { amplifyCookies: clientId }, { loadBalancer: arn }, ` +
      `{ subprotocol: name }, { query: name } or a list of these, not ${JSON.stringify(place)}`,
  );
  must(
    second === undefined,
    `${where} has several places in one object; write a list: [{ ${name}: … }, { ${second}: … }]`,
  );
  checkOptions(where, place, { [name]: [], ...(name === "amplifyCookies" && { token: ["tokenUse"] }) });
  if ("amplifyCookies" in place) return amplifyCookies(where, place);
  if ("header" in place) return namedHeader(where, place.header);
  if ("loadBalancer" in place) return loadBalancer(where, place.loadBalancer);
  if ("subprotocol" in place) return subprotocol(where, place.subprotocol);
  return "query" in place ? queryParameter(where, place.query) : namedCookie(where, place.cookie);
}

/** Headers with a place of their own, and what to write. */
const otherPlaces: Readonly<Record<string, string>> = {
  authorization: "'header'",
  cookie: "{ cookie: name }",
  "sec-websocket-protocol": "{ subprotocol: name }",
  [loadBalancerHeader]: "{ loadBalancer: arn }",
};

/** @throws TypeError if the place is malformed */
function namedHeader(where: string, header: string): Source {
  must(isToken(header), `${where}: '${header}' is not a header's name`);
  const name = header.toLowerCase();
  const other = otherPlaces[name];
  must(other === undefined, `${where}: for the header ${name} write ${other}`);
  return { ...headerOf(name), requestHeader: name };
}

/** @throws TypeError if the place is malformed */
function loadBalancer(where: string, arns: LoadBalancerPlace["loadBalancer"]): Source {
  const readBalanced = readLoadBalancers(where, arns);
  // The token is for the targets of the load balancer.
  return { ...headerOf(loadBalancerHeader), readBalanced, forwardable: () => undefined };
}

/** A header in which a proxy may have put the token. */
function headerOf(name: string): Source {
  const own = ownPlace(name, `headers '${name}'`, (request) => {
    const value = request.header(name);
    if (value === undefined) return undefined;
    return { text: bearerToken(value), isRepeated: countHeader(request, name) > 1 };
  });
  return {
    ...own,
    guard(request, found) {
      own.guard(request, found);
      if (!isFromOtherSite(request)) return;
      throw refused(
        "token_cross_site",
        `a page of another site caused the ${request.method}, and a proxy may have added the token in '${name}' for it; ` +
          "a client that has the token itself sends it in Authorization",
      );
    },
  };
}

/** @throws TypeError if the place is malformed */
function subprotocol(where: string, name: string): Source {
  must(isToken(name), `${where}: '${name}' is not the name of a subprotocol, such as 'bearer'`);
  const header = "sec-websocket-protocol";
  return ownPlace(header, `subprotocols '${name}'`, (request) => {
    const offered = (request.header(header) ?? "").split(",").map(trimSpace);
    const at = offered.indexOf(name);
    if (at === -1) return undefined;
    return { text: offered[at + 1] ?? "", isRepeated: offered.includes(name, at + 1) };
  });
}

/** @throws TypeError if the place is malformed */
function queryParameter(where: string, name: string): Source {
  must(
    typeof name === "string" && name !== "" && !/^x-amz-/i.test(name),
    `${where}: query is the name of a parameter, such as 'access_token', not '${name}'`,
  );
  return ownPlace(`query:${name}`, `parameters '${name}'`, (request) => {
    const [text, second] = queryOf(request).getAll(name);
    return text === undefined ? undefined : { text, isRepeated: second !== undefined };
  });
}

/** A place that is only for tokens, and holds one: servers, proxies and parsers differ in which of several they use. */
function ownPlace(place: string, what: string, read: Source["read"]): Source {
  return {
    place,
    exclusive: true,
    read,
    forwardable: (_request, token) => `Bearer ${token}`,
    guard(_request, { isRepeated }) {
      if (!isRepeated) return;
      const detail = `the request has several ${what}; the client must send one token`;
      throw new AuthError("credentials_malformed", "token_repeated", { detail });
    },
  };
}
