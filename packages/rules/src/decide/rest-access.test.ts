import type { Identity } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { restAccess, type RestPaths } from "./rest-access.ts";
import {
  authorized,
  guest,
  identityPool,
  key,
  member,
  nobody,
  oidcIssuer,
  oidcUser,
  poolIdentity,
  signedIn,
  user,
} from "../test/identities.ts";

const paths: RestPaths = {
  "/books": {
    guest: ["read"],
    signedIn: ["create", "read"],
    groups: { Librarians: ["create", "read", "update", "delete"] },
  },
  "/books/{id}/reviews": { guest: ["create", "read"] },
  "/admin": { groups: { Admin: ["read"] } },
};
const access = restAccess(paths, { identityPool });

const librarian = member("libby", "Librarians");

function may(identity: Identity, method: string, route: string): boolean {
  return access.decide(identity, { method, route }).allowed;
}

/** Which methods are allowed on a route. */
function methods(identity: Identity, route: string): string {
  return ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get"]
    .filter((method) => may(identity, method, route))
    .join(" ");
}

describe("restAccess", () => {
  it.each([
    ["guests", guest, "GET HEAD"],
    ["signed-in identities of the pool", signedIn, "GET HEAD POST"],
    ["users of the user pool", user("alice"), "GET HEAD POST"],
    ["users of the OIDC issuer", oidcUser("otto"), "GET HEAD POST"],
    ["a group", librarian, "GET HEAD POST PUT PATCH DELETE"],
    ["guests of another pool", poolIdentity("unauthenticated", "other-role", "us-east-1:other"), ""],
    ["API keys", key, ""],
    ["Lambda callers", authorized(), ""],
    ["nobody", nobody, ""],
  ])("gives %s their methods, HEAD with GET, no others", (_who, identity, allowed) => {
    expect(methods(identity, "/books")).toBe(allowed);
    expect(methods(identity, "/books/:id")).toBe(allowed);
  });

  it("looks only at the longest path that covers the route", () => {
    expect(may(guest, "POST", "/books/:id/reviews")).toBe(true);
    expect(may(guest, "POST", "/books/:id/reviews/:review")).toBe(true);
    expect(may(librarian, "GET", "/books/:id/reviews")).toBe(false);
    expect(may(guest, "POST", "/books/:id")).toBe(false);
  });

  it("gives signed-in identities of the pool what their role may do", () => {
    const { id } = identityPool;
    const byRole = restAccess(
      { "/books": { signedIn: ["read"], roles: { editor: ["update"] } } },
      { identityPool },
    );
    const can = (caller: Identity): string =>
      ["GET", "PUT", "DELETE"]
        .filter((method) => byRole.decide(caller, { method, route: "/books" }).allowed)
        .join(" ");
    const arn = (role: string, session = "CognitoIdentityCredentials") =>
      `arn:aws:sts::123456789012:assumed-role/${role}/${session}`;
    const of = (
      userArn: string,
      authType: "authenticated" | "unauthenticated" = "authenticated",
      pool = id,
    ) => ({
      ...poolIdentity(authType, "x", pool),
      userArn,
    });
    expect(can(of(arn("editor")))).toBe("GET PUT");
    expect(can(of(arn("reader")))).toBe("GET");
    expect(can(of(arn("editors")))).toBe("GET");
    // The caller of a role chooses the name of the session.
    expect(can(of(arn("reader", "editor")))).toBe("GET");
    expect(can(of(arn("editor"), "unauthenticated"))).toBe("");
    expect(can(of(arn("editor"), "authenticated", "us-east-1:other"))).toBe("");
    expect(can(member("eve", "editor"))).toBe("GET");
    expect(byRole.decide(of(arn("editor")), { method: "PUT", route: "/books" })).toMatchObject({
      rule: "/books role editor update",
    });
  });

  it("reads parameters as every framework writes them", () => {
    for (const route of [
      "/books/:id/reviews",
      "/books/{id}/reviews",
      "/books/[id]/reviews",
      "/books/*/reviews/",
      "/books/:book/reviews",
    ]) {
      expect(may(guest, "POST", route)).toBe(true);
    }
  });

  it("covers whole segments: /booksellers is not below /books, and a parameter is not a word", () => {
    expect(may(guest, "GET", "/booksellers")).toBe(false);
    expect(may(guest, "GET", "/:anything")).toBe(false);
    expect(may(guest, "GET", "/")).toBe(false);
    expect(may(guest, "GET", "/Books")).toBe(false);
  });

  it("covers below a parameter only if the route has a segment for it", () => {
    const below = restAccess({ "/books/{id}": { guest: ["read"] } }, { identityPool });
    const get = (route: string): boolean => below.decide(guest, { method: "GET", route }).allowed;
    expect([get("/books/:id"), get("/books/:id/cover"), get("/books")]).toEqual([true, true, false]);
  });

  it("says why", () => {
    expect(access.decide(guest, { method: "BREW", route: "/books" })).toMatchObject({
      reason: "unknown-method",
    });
    expect(access.decide(guest, { method: "GET", route: "/x" })).toMatchObject({ reason: "no-path" });
    expect(access.decide(user("bob"), { method: "DELETE", route: "/books/:id" })).toMatchObject({
      reason: "no-matching-role",
      explanation: "/books: bob (userPool) may not delete",
    });
    expect(access.decide(librarian, { method: "DELETE", route: "/books/:id" })).toMatchObject({
      allowed: true,
      rule: "/books group Librarians delete",
    });
  });

  it("takes groups and sign-in only from the issuers that it names", () => {
    const own = restAccess(paths, { identityPool, issuers: { oidc: oidcIssuer } });
    const partner = { ...oidcUser("x", { iss: "https://partner.example.com" }), groups: ["Admin"] };
    expect(own.decide(partner, { method: "GET", route: "/admin" }).allowed).toBe(false);
    expect(
      own.decide({ ...oidcUser("x"), groups: ["Admin"] }, { method: "GET", route: "/admin" }).allowed,
    ).toBe(true);
  });

  it.each([
    [{ books: {} }, "Write '/books'"],
    [{ "/books": { guests: ["read"] } }, "Write 'guest'"],
    [{ "/books": { guest: ["raed"] } }, "Write 'read'"],
    [{ "/books": { guest: "read" } }, "write a list of"],
    [{ "/books": { groups: { A: ["get"] } } }, "There is no operation 'get'"],
    [{ "/books": { roles: { A: ["get"] } } }, "There is no operation 'get'"],
    [{ "/books": { roles: ["read"] } }, "write a list of"],
  ])("throws for %j", (wrong, message) => {
    const build = (): unknown => restAccess(wrong as unknown as RestPaths);
    expect(build).toThrow(TypeError);
    expect(build).toThrow(message);
  });
});
