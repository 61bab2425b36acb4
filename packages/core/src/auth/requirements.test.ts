import { describe, expect, it, vi } from "vitest";
import { opened } from "./accepted-modes.ts";
import { createAuth } from "./auth.ts";
import { authenticate } from "../fetch.ts";
import { checkRequirements } from "./requirements.ts";
import { fakeMode } from "../test/modes.ts";
import { viewOf } from "../test/view.ts";
import type { Requirements } from "../types.ts";

const identity = { groups: ["Readers"], scopes: ["read"] };
const auth = createAuth([fakeMode("red", { identity })]);
auth.onEvent(() => {});
const view = () => viewOf({ headers: [["X-Red", "good"]] });

/** What TypeScript rejects, and JavaScript and an environment variable do not. */
const guardless: readonly (readonly [what: string, needs: unknown, sentence: string])[] = [
  ["a misspelt scope", { scope: ["admin"] }, "no option 'scope'. Write 'scopes'."],
  ["a misspelt group", { group: ["Admins"] }, "no option 'group'. Write 'groups'."],
  ["another word", { roles: ["Admins"] }, "no option 'roles'. Write 'groups'."],
  ["modes", { modes: ["iam"] }, "Write 'auth.only(…)'"],
  ["a word that is like none", { audience: "x" }, "It takes groups, scopes."],
  ["undefined groups", { groups: undefined }, "groups is undefined. Is an environment variable missing?"],
  ["undefined scopes", { scopes: undefined }, "scopes is undefined"],
  ["no group", { groups: [] }, "groups is a list of at least one name"],
  ["no scope", { scopes: [] }, "scopes is a list of at least one name"],
  ["one group that is undefined", { groups: [undefined] }, "groups holds undefined, which is no name"],
  ["one of two groups that is undefined", { groups: ["Admins", undefined] }, "which is no name"],
  ["an empty group", { groups: [""] }, 'groups holds "", which is no name'],
  ["a blank scope", { scopes: [" "] }, "which is no name"],
  ["holes", { scopes: Object.assign([], { length: 2 }) }, "which is no name"],
  ["text for a list of scopes", { scopes: "admin" }, "scopes is a list"],
  ["text for a list of groups", { groups: "Admins" }, "groups is a list"],
  ["null for a list", { groups: null }, "groups is a list"],
  ["all", { scopes: { all: ["a"] } }, "written as a list, without 'all'"],
  ["any of none", { scopes: { any: [] } }, "scopes: any is a list of at least one name"],
  ["any of undefined", { scopes: { any: undefined } }, "any is undefined"],
  ["a misspelt any", { scopes: { ayn: ["a"] } }, "It takes any."],
  ["neither all nor any", { scopes: {} }, "scopes: any is a list"],
  ["text", "admin", "takes an object with options: groups, scopes"],
  ["a list", ["admin"], "takes an object with options"],
  ["null", null, "takes an object with options"],
  ["a promise of some", Promise.resolve({ groups: ["Admins"] }), "takes an object with options"],
  ["a Map", new Map([["groups", ["Admins"]]]), "takes an object with options"],
];

describe("requirements that would guard nothing", () => {
  it.each(guardless)("are refused when a route is built: %s", (_what, needs, sentence) => {
    const build = () => checkRequirements("authenticate()", needs as Requirements);
    expect(build).toThrow(TypeError);
    expect(build).toThrow(sentence);
  });

  it.each(guardless)("are refused of a direct call, and nothing is verified: %s", async (_w, needs, text) => {
    const verify = vi.fn<() => void>();
    const watched = createAuth([fakeMode("red", { identity, verify })]);
    const asked = watched.authenticate(view(), needs as Requirements);
    await expect(asked).rejects.toThrow(TypeError);
    await expect(asked).rejects.toThrow(text);
    expect(() => opened(watched).guard(view(), needs as Requirements)).toThrow(text);
    expect(verify).not.toHaveBeenCalled();
  });

  it("are rejected also in report-only", async () => {
    const reporting = createAuth([fakeMode("red", { identity })], { reportOnly: true });
    await expect(reporting.authenticate(view(), { groups: [] })).rejects.toThrow(TypeError);
  });

  it("are refused by authenticate() of fetch servers, as is what is no auth", async () => {
    const request = new Request("http://a.example/", { headers: { "X-Red": "good" } });
    await expect(authenticate(auth, request, { scope: ["x"] } as never)).rejects.toThrow("Write 'scopes'");
    await expect(authenticate("red" as never, request)).rejects.toThrow(
      "auth is what createAuth([…]) returns",
    );
  });
});

describe("requirements that ask something, or visibly nothing", () => {
  it("are kept as they were, whatever becomes of the object", async () => {
    const groups = ["Admins"];
    const needs = { groups, scopes: { any: ["read"] } };
    const asked = checkRequirements("authenticate()", needs);
    groups[0] = "Readers";
    Reflect.deleteProperty(needs, "groups");
    expect(asked).toEqual({ groups: ["Admins"], scopes: { any: ["read"] } });
    expect([asked, asked?.groups, asked?.scopes].every(Object.isFrozen)).toBe(true);
    await expect(auth.authenticate(view(), asked)).rejects.toMatchObject({ code: "forbidden" });
  });

  it("are not checked twice", () => {
    const asked = checkRequirements("authenticate()", { scopes: ["read"] });
    expect(checkRequirements("authenticate()", asked)).toBe(asked);
  });

  it.each([undefined, {}])("may be %j", async (needs) => {
    expect(checkRequirements("authenticate()", needs)).toEqual(needs);
    expect(await auth.authenticate(view(), needs)).toMatchObject(identity);
  });
});

describe("other options that would do nothing", () => {
  const modes = [fakeMode("red")];
  it.each<[string, () => unknown, string]>([
    [
      "a public URL that is undefined",
      () => createAuth(modes, { publicUrl: undefined } as never),
      "publicUrl is undefined",
    ],
    [
      "a policy that is undefined",
      () => createAuth(modes, { policy: undefined } as never),
      "policy is undefined",
    ],
    [
      "reportOnly as text",
      () => createAuth(modes, { reportOnly: "false" } as never),
      'true or false, not "false"',
    ],
    [
      "revoked that is no function",
      () => createAuth(modes, { revoked: new Set() } as never),
      "revoked is a function",
    ],
    ["precedence as text", () => createAuth(modes, { precedence: "red" } as never), "precedence is a list"],
    ["a clock that is a time", () => createAuth(modes, { clock: 5 } as never), "clock is a function"],
    ["no listener", () => auth.onEvent(undefined as never), "onEvent() takes a function"],
    ["a misspelt logs", () => auth.onEvent(() => {}, { log: false } as never), "Write 'logs'"],
    ["a mode that is undefined", () => auth.only(undefined as never), "there is no mode 'undefined'"],
  ])("are refused: %s", (_what, build, sentence) => {
    expect(build).toThrow(TypeError);
    expect(build).toThrow(sentence);
  });
});
