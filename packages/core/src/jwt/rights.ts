import { rightsReaderOf } from "../auth/recheck.ts";
import type { Claims } from "../identity.ts";
import { memoized } from "../lib/cache.ts";
import { after, type Wait, within } from "../lib/promises.ts";
import { isObject, isText } from "../lib/json.ts";
import { checkFunction, closest, list, must } from "../lib/options.ts";
import { shown } from "../refusal/error.ts";
import type { CallContext, IdentityBase, MaybePromise } from "../types.ts";

// The groups and scopes of a token. A claim of the wrong type gives none.

/** A claim by its name, or by the names on the way to a nested one. A dot is a part of a name. */
export type ClaimPath = string | readonly [string, ...string[]];

/** The groups and scopes of a caller. */
export interface Rights {
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
}

/** Returns the groups and scopes of a verified token. */
export type FindRights = (claims: Claims, context: CallContext) => MaybePromise<Rights>;

/** How a mode finds the groups and scopes of its tokens. */
export interface RightsReader {
  readonly read: (claims: Claims) => MaybePromise<Rights>;
  /** Says why a token has none, for the log. */
  readonly whyMissing: (claims: Claims, what: keyof Rights) => string | undefined;
}

/** @throws TypeError */
export function checkClaimPath(where: string, path: ClaimPath | undefined): void {
  const names = path === undefined ? ["x"] : list<unknown>(path);
  must(
    names.length > 0 && names.every(isText),
    `${where} is the name of a claim, or for a nested one the names on the way to it: ["realm_access", "roles"]`,
  );
}

const none: readonly string[] = Object.freeze([]);

/** `scope` (RFC 8693 §4.2), or the `scp` of other issuers. */
export const scopeClaims: readonly ClaimPath[] = ["scope", "scp"];

/**
 * Reads rights from claims.
 * @param groups undefined for no groups
 * @param scopes the first of these claims that is present
 */
export function rightsFrom(
  groups: ClaimPath | undefined,
  scopes: readonly ClaimPath[],
  groupsOf: (value: unknown) => readonly string[] = (value) => namesIn(value, textIn) ?? none,
): RightsReader {
  const paths = {
    groups: groups === undefined ? [] : [list<string>(groups)],
    scopes: scopes.map((path) => list<string>(path)),
  };
  return {
    read: (claims) => ({
      groups: groupsOf(firstOf(claims, paths.groups)),
      scopes: namesIn(firstOf(claims, paths.scopes), wordsOf) ?? none,
    }),
    whyMissing: (claims, what) => whyMissing(claims, what, paths[what]),
  };
}

/** Asks a function of the developer's. @throws TypeError */
export function rightsBy(where: string, find: FindRights): RightsReader {
  checkFunction(`${where}: rights`, find, "(claims) => ({ groups: […], scopes: […] })");
  const wait: Wait = { what: `${where}: rights`, reason: "rights_timeout" };
  return {
    read: (claims) =>
      after(
        within(wait, (context) => find(claims, context)),
        (found: unknown) => {
          const { groups, scopes } = isObject(found) ? found : {};
          if (isTexts(groups) && isTexts(scopes)) return { groups: [...groups], scopes: [...scopes] };
          throw new TypeError(
            `${where}: rights must return { groups, scopes }, two lists of texts; ` +
              `groups is ${kindOf(groups)}, scopes is ${kindOf(scopes)}`,
          );
        },
      ),
    whyMissing: (_claims, what) => `rights returned other ${what}`,
  };
}

function firstOf(claims: Claims, paths: readonly (readonly string[])[]): unknown {
  for (const path of paths) {
    const value = valueAt(claims, path);
    if (isPresent(value)) return value;
  }
  return undefined;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function valueAt(claims: Claims, path: readonly string[]): unknown {
  let value: unknown = claims;
  for (const name of path) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

function textIn(text: string): readonly string[] {
  return text === "" ? none : [text];
}

/** Most tokens of an issuer have the same few scopes: cached tokens share one list. */
const wordsOf = memoized((text): readonly string[] =>
  Object.freeze(text.split(" ").filter((word) => word !== "")),
);

/**
 * A list of texts, or the keys of an object of objects, as Zitadel writes roles with the organizations that granted them.
 * An object with other values is not read: in `{ "admin": false }` a key means nothing.
 * @param split reads text
 * @returns undefined for a value of another type
 */
function namesIn(value: unknown, split: (text: string) => readonly string[]): readonly string[] | undefined {
  if (typeof value === "string") return split(value);
  if (isTexts(value)) return value;
  return isObject(value) && Object.values(value).every(isObject) ? Object.keys(value) : undefined;
}

/** A list of texts; a list that holds anything else counts as empty. */
export function textsOf(value: unknown): readonly string[] {
  return isTexts(value) ? value : [];
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function whyMissing(
  claims: Claims,
  what: keyof Rights,
  paths: readonly (readonly string[])[],
): string | undefined {
  if (paths.length === 0) return `no option names the claim of the caller's ${what}: set ${what}Claim`;
  const names = paths.map(textOfPath).join(" or ");
  const path = paths.find((one) => isPresent(valueAt(claims, one)));
  if (path !== undefined) {
    const value = valueAt(claims, path);
    if (namesIn(value, list) !== undefined) return undefined;
    const inner = isObject(value) ? Object.keys(value).find((name) => isTexts(value[name])) : undefined;
    const hint = nestedHint(inner === undefined ? undefined : [...path, inner]);
    return `the claim ${names} is ${kindOf(value)}, not a list of texts${hint}`;
  }
  const [name = "", ...rest] = paths[0] ?? [];
  // OpenID Connect Core 1.0 §5.6.2.
  const elsewhere = claims["_claim_names"];
  if (isObject(elsewhere) && Object.hasOwn(elsewhere, name)) {
    return (
      `the token has no ${names}, but _claim_names: the user has too many for a token; use app roles, or fetch them in ` +
      "rights"
    );
  }
  const isDotted = rest.length === 0 && name.includes(".");
  const near = isDotted ? undefined : nearest(claims, [name, ...rest]);
  const hint = near === undefined ? nestedHint(isDotted ? name.split(".") : undefined) : `; it has ${near}`;
  return `the token has no claim ${names}${hint}`;
}

function nestedHint(path: readonly string[] | undefined): string {
  return path === undefined ? "" : `; a nested claim is a list: ${shown(path)}`;
}

/** The claim that a misspelt path may mean, as in an option. */
function nearest(claims: Claims, path: readonly string[]): string | undefined {
  const at = path.findIndex((_name, index) => !isPresent(valueAt(claims, path.slice(0, index + 1))));
  const parent = valueAt(claims, path.slice(0, at));
  const name = isObject(parent) ? closest(path[at] ?? "", Object.keys(parent)) : undefined;
  return name === undefined ? undefined : shown(at === 0 ? name : [...path.slice(0, at), name]);
}

/** As in an option. */
export function textOfPath(path: ClaimPath | readonly string[]): string {
  const names = list<string>(path);
  return names.length === 1 ? (names[0] ?? "") : JSON.stringify(names);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return isTexts(value) ? "a list of texts" : "a list with other values";
  return value === undefined ? "missing" : value === null ? "null" : `of the type ${typeof value}`;
}

/** Why a caller lacks groups or scopes, to be added to a sentence of the log; empty for callers without claims. */
export function lackOf(identity: IdentityBase, what: keyof Rights): string {
  const claims = "claims" in identity && isObject(identity.claims) ? identity.claims : undefined;
  const text = claims && rightsReaderOf(identity)?.whyMissing(claims, what);
  return text === undefined ? "" : `; ${text}`;
}
