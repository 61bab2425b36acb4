import type { Identity } from "@authmodes/core";
import * as fc from "fast-check";
import { nasty } from "../../targets/test/parity.ts";
import {
  authorized,
  guest,
  key,
  machine,
  nobody,
  oidcIssuer,
  oidcUser,
  poolIdentity,
  poolIssuer,
  signedIn,
  user,
} from "../identities.ts";
import { groupNames, identityClaims, partnerIssuer, seldom } from "./schema.ts";

// Callers of every mode, with usual and malformed claims.

const long = "x".repeat(3000);
const text = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("alice", "Alice", "s1", ...groupNames) },
  { weight: 4, arbitrary: fc.constantFrom(...nasty, long, `${long}y`) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
);
const listed = fc.oneof(
  { weight: 9, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom(null, 5, true, ["A"], { A: true }) },
);
/** More than DynamoDB accepts. */
const manyGroups = Array.from({ length: 200 }, (_, i) => (i === 70 ? "A" : `group ${i}`));
const claim = fc.oneof(
  { weight: 8, arbitrary: text },
  { weight: 5, arbitrary: fc.array(listed, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.array(listed, { maxLength: 3 }).map((list) => JSON.stringify(list)) },
  { weight: 1, arbitrary: fc.constant(manyGroups) },
  // Half a surrogate pair becomes U+FFFD in UTF-8, which is a valid name as well.
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, 0, true, {}, { A: true }, "\ud83d", "[") },
);
const name = fc.oneof({ weight: 12, arbitrary: text }, { weight: 1, arbitrary: claim });

const claims = fc
  .tuple(
    fc.record(
      {
        sub: name,
        username: name,
        "cognito:username": name,
        email: name,
        tenant: claim,
        "cognito:groups": claim,
        roles: claim,
      },
      { requiredKeys: ["sub", "username", "cognito:groups"] },
    ),
    seldom(claim),
  )
  // An own key, as JSON.parse makes it.
  .map(([usual, proto]): Readonly<Record<string, unknown>> =>
    Object.fromEntries([...Object.entries(usual), ...(proto === undefined ? [] : [["__proto__", proto]])]),
  );

const signedInByToken = fc
  .tuple(claims, fc.constantFrom(user("x"), oidcUser("x")), fc.constantFrom(0, 0, 0, 0, 0, 1), fc.boolean())
  .map(([own, base, partner, isFrozen]): Identity => {
    const issuer = partner === 1 ? partnerIssuer : base.mode === "userPool" ? poolIssuer : oidcIssuer;
    const identity = { ...base, issuer, claims: isFrozen ? Object.freeze(own) : own };
    return isFrozen ? Object.freeze(identity) : identity;
  });

export const caller: fc.Arbitrary<Identity> = fc.oneof(
  { weight: 9, arbitrary: signedInByToken },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Identity>(
      key,
      nobody,
      guest,
      signedIn,
      machine,
      poolIdentity("authenticated", "group-role"),
      poolIdentity("unauthenticated", "unauth-role", "us-east-1:another-pool"),
      authorized(),
      authorized("Query.listNotes", "Query.searchNotes"),
      authorized("Note.secret"),
    ),
  },
);

/** The names and groups by which records can refer to a caller. */
export function namesOf(one: Identity): readonly string[] {
  if (!("claims" in one)) return ["alice", "A"];
  const own = new Map(Object.entries(one.claims));
  const written = [...own.values()].flatMap((value) => (Array.isArray(value) ? value.slice(0, 2) : [value]));
  const joined = identityClaims.map((parts) => parts.map((part) => String(own.get(part))).join("::"));
  return [...new Set([...joined, ...written].filter((name) => typeof name === "string"))];
}
