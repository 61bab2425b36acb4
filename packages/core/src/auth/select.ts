import { countHeader, hasSignedQuery, modesOfAuthorization, unreadText } from "./credentials.ts";
import { AuthError } from "../refusal/error.ts";
import type { SharedAuth } from "./auth.ts";
import { detectBy } from "./mode.ts";
import type { AuthMode, Detection, Fit, IdentityBase, RequestView } from "../types.ts";

/** Credentials on a request and the mode that reads them. */
export interface Found {
  readonly mode: AuthMode;
  readonly detection: Detection<IdentityBase>;
}

/** What the choice depends on besides the request. */
type Choosing = Pick<SharedAuth, "modes" | "requires" | "precedence">;

const strength: Record<Fit, number> = { own: 3, possible: 2, foreign: 1, fallback: 0 };

const none: readonly never[] = [];

/** Detects the credentials of every mode. */
export function detectAll(modes: readonly AuthMode[], request: RequestView): readonly Found[] {
  let found: readonly Found[] | undefined;
  for (const mode of modes) {
    const detection = detectBy(mode, request);
    if (detection === undefined) continue;
    const one = { mode, detection };
    found = found === undefined ? [one] : [...found, one];
  }
  return found ?? none;
}

/**
 * Picks the one mode that decides. It decides alone: after its rejection no other mode is tried.
 * @throws AuthError `credentials_missing`, `credentials_malformed`, `credentials_ambiguous`, `mode_not_accepted`
 */
export function choose(found: readonly Found[], request: RequestView, by: Choosing): Found {
  const { precedence } = by;
  if (countHeader(request, "authorization") > 1) {
    throw new AuthError("credentials_malformed", "authorization_repeated", {
      detail: "the request has several Authorization headers; the client must send one",
    });
  }
  const claims = strongestByPlace(found);
  const unread = unreadCredentials(claims, request, by);
  const [first] = claims;
  if (claims.length + unread.length > 1) return preferred(claims, unread, precedence);
  if (first !== undefined) return first;
  if (unread[0] !== undefined) {
    const detail = unread[0] === unreadKey ? unreadKeyText : unreadText(request.header("authorization"));
    throw new AuthError("mode_not_accepted", "mode_not_served", { detail });
  }
  const nothingNeeded = found.find(({ detection }) => detection.place === null);
  if (nothingNeeded !== undefined) return nothingNeeded;
  throw new AuthError("credentials_missing", "no_credentials");
}

/** If several modes read the same place, the surest one gets it. */
function strongestByPlace(found: readonly Found[]): readonly Found[] {
  if (found.length === 1 && found[0]?.detection.place !== null) return found;
  const claims: Found[] = [];
  for (const candidate of found) {
    const { place } = candidate.detection;
    if (place === null) continue;
    const index = claims.findIndex((claim) => claim.detection.place === place);
    const rival = claims[index];
    if (rival === undefined) claims.push(candidate);
    else if (strengthOf(candidate) > strengthOf(rival)) claims[index] = candidate;
  }
  return claims;
}

function strengthOf({ detection }: Found): number {
  return strength[detection.fit ?? "own"];
}

const keyHeader = "x-api-key";
const unreadKey: readonly string[] = ["apiKey"];
const unreadKeyText =
  "the request has an API key in x-api-key, which no mode reads; to accept it, add apiKey() to createAuth(), or send it in " +
  "the header that its apiKey() reads";

/** Credentials of standard kinds that no mode reads here, as the names of the modes that would read them. */
function unreadCredentials(
  claims: readonly Found[],
  request: RequestView,
  by: Choosing,
): (readonly string[])[] {
  const unread: (readonly string[])[] = [];
  const authorization = request.header("authorization");
  if (authorization !== undefined && !isRead("authorization", claims)) {
    unread.push(modesOfAuthorization(authorization));
  }
  if (!isRead("query", claims) && hasSignedQuery(request.target)) unread.push(["iam"]);
  // Clients of API Gateway send the key of a usage plan beside other credentials, which then decide without it.
  const isAlone = claims.length + unread.length === 0;
  if (request.header(keyHeader) !== undefined && isUnread(by, isAlone)) unread.push(unreadKey);
  return unread;
}

function isRead(place: string, claims: readonly Found[]): boolean {
  return claims.some(({ detection }) => detection.place === place);
}

/** Whether no mode reads the key header, and its key counts: alone, or if `precedence` names the mode that is missing. */
function isUnread({ modes, requires, precedence }: Choosing, isAlone: boolean): boolean {
  const all = requires === undefined ? modes : [...modes, requires];
  if (all.some(({ requestHeaders }) => requestHeaders?.includes(keyHeader))) return false;
  return isAlone || (precedence?.includes("apiKey") === true && !all.some(({ name }) => name === "apiKey"));
}

function preferred(
  claims: readonly Found[],
  unread: readonly (readonly string[])[],
  precedence: readonly string[] = [],
): Found {
  for (const name of precedence) {
    const claim = claims.find(({ mode }) => mode.name === name);
    if (claim !== undefined) return claim;
    if (unread.some((names) => names.includes(name))) {
      throw new AuthError("mode_not_accepted", "mode_not_served", {
        detail: `precedence names ${name}, whose credentials were sent, but createAuth() has no such mode`,
      });
    }
  }
  const kinds = [...claims.map(({ mode }) => mode.name), ...unread.map((names) => names.join("|"))];
  throw new AuthError("credentials_ambiguous", "several_credentials", {
    detail:
      `the request has credentials for ${kinds.join(" and ")}: the client must send one kind, or set precedence to the ` +
      `mode that decides, or requires if an API key always comes along`,
  });
}

/** The rejection of credentials whose mode the route does not accept. */
export function notAccepted({ mode, detection }: Found, accepted: readonly string[]): AuthError {
  if (detection.place === null) return new AuthError("credentials_missing", "no_credentials");
  return new AuthError("mode_not_accepted", "mode_not_on_route", {
    detail: `the request uses ${mode.name}; this route accepts ${accepted.join(", ")}`,
  });
}
