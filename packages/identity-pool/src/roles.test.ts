import { beforeAll, describe, expect, it } from "vitest";
import type { RoleMapping } from "./roles.ts";
import {
  accountId,
  clientId,
  createWorld,
  oidcName,
  type RoleName,
  Scene,
  userPoolName,
  type World,
} from "./test/pool.ts";

type Mapping = RoleMapping<RoleName>;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});

const arn = (role: string, account = accountId) => `arn:aws:iam::${account}:role/${role}`;

/** The role of alice with these claims, or the type of the error. */
async function roleOf(mapping: Mapping | undefined, claims: Record<string, unknown>, more: object = {}) {
  const scene = new Scene(world, mapping && { roleMappings: { [userPoolName]: mapping } });
  const answer = await scene.user({ claims }, more);
  if (answer.status !== 200) return answer.__type;
  const caller = await scene.caller(answer.Credentials);
  return typeof caller === "string" ? caller : /assumed-role\/(.+)\//.exec(caller.userArn)?.[1];
}

const misconfigured = "InvalidIdentityPoolConfigurationException";

describe("by the token", () => {
  const from = { from: "token", otherwise: "authenticated" } as const;
  const strict = { from: "token", otherwise: "deny" } as const;

  it.each([
    [
      "the preferred role",
      { "cognito:preferred_role": arn("editor"), "cognito:roles": [arn("admin"), arn("editor")] },
      "editor",
    ],
    ["a role with a path", { "cognito:preferred_role": arn("shop/editor") }, "editor"],
    ["the only role", { "cognito:roles": [arn("editor")] }, "editor"],
  ])("%s", async (_, claims, role) => {
    expect(await roleOf(strict, claims)).toBe(role);
  });

  it.each([
    ["no role", {}],
    ["two roles", { "cognito:roles": [arn("admin"), arn("editor")] }],
    ["an unknown role", { "cognito:preferred_role": arn("owner") }],
    ["a role of another account", { "cognito:preferred_role": arn("admin", "999999999999") }],
    ["a name that is no ARN", { "cognito:preferred_role": "admin" }],
    ["a user's ARN", { "cognito:preferred_role": `arn:aws:iam::${accountId}:user/admin` }],
    ["a member of every object", { "cognito:preferred_role": arn("constructor") }],
    ["a number", { "cognito:preferred_role": 7 }],
  ])("%s gives the default, or nothing", async (_, claims) => {
    expect(await roleOf(from, claims)).toBe("reader");
    expect(await roleOf(strict, claims)).toBe(misconfigured);
  });

  it("a user with several roles can choose one of them", async () => {
    const claims = {
      "cognito:preferred_role": arn("editor"),
      "cognito:roles": [arn("admin"), arn("editor")],
    };
    expect(await roleOf(from, claims, { CustomRoleArn: arn("admin") })).toBe("admin");
  });

  it.each([
    ["that the token does not have", from, { "cognito:roles": [arn("editor")] }],
    ["if the token has none", from, {}],
    ["that is only the preferred one", from, { "cognito:preferred_role": arn("admin") }],
    ["if roles are not read from the token", undefined, { "cognito:roles": [arn("admin")] }],
    [
      "if rules decide",
      {
        from: [{ claim: "sub", match: "startsWith", value: "x", role: "editor" }],
        otherwise: "authenticated",
      },
      { "cognito:roles": [arn("admin")] },
    ],
  ] as const)("no user gets a role %s", async (_, mapping, claims) => {
    expect(await roleOf(mapping, claims, { CustomRoleArn: arn("admin") })).toBe(misconfigured);
  });

  it("an unlisted role cannot be chosen", async () => {
    expect(await roleOf(from, { "cognito:roles": [arn("owner")] }, { CustomRoleArn: arn("owner") })).toBe(
      misconfigured,
    );
  });

  it("roles in the token count for nothing unless they are mapped", async () => {
    expect(await roleOf(undefined, { "cognito:preferred_role": arn("admin") })).toBe("reader");
  });

  it("the mapping of one provider is not for another", async () => {
    const scene = new Scene(world, { roleMappings: { [userPoolName]: from } });
    const claims = { "cognito:preferred_role": arn("admin") };
    const Logins = { [oidcName]: await scene.kit.oidc.token({ audience: clientId, claims }) };
    const { IdentityId } = await scene.getId(Logins);
    const { Credentials } = await scene.getCredentials(IdentityId, { Logins });
    expect(await scene.caller(Credentials)).toMatchObject({ userArn: expect.stringContaining("/reader/") });
  });
});

describe("by rules", () => {
  const rule = (
    match: "equals" | "notEqual" | "startsWith" | "contains",
    value: string,
    claim = "team",
  ): Mapping => ({
    from: [{ claim, match, value, role: "editor" }],
    otherwise: "deny",
  });

  it.each([
    ["equals", "books", { team: "books" }, true],
    ["equals", "books", { team: "bookshop" }, false],
    ["equals", "books", { team: "Books" }, false],
    ["equals", "books", { team: ["x", "books"] }, true],
    ["equals", "7", { team: 7 }, true],
    ["equals", "true", { team: true }, true],
    ["equals", "books", {}, false],
    ["notEqual", "books", { team: "music" }, true],
    ["notEqual", "books", { team: "books" }, false],
    ["notEqual", "books", { team: ["music", "books"] }, false],
    ["notEqual", "books", {}, false],
    ["notEqual", "books", { team: [] }, false],
    ["notEqual", "books", { team: { a: 1 } }, false],
    ["startsWith", "book", { team: "books" }, true],
    ["startsWith", "ooks", { team: "books" }, false],
    ["contains", "ook", { team: "books" }, true],
    ["contains", "book", { team: "music" }, false],
    ["contains", "books", { team: ["books"] }, true],
    ["contains", "ook", { team: ["books"] }, false],
  ] as const)("%s %j of %j: %s", async (match, value, claims, held) => {
    expect(await roleOf(rule(match, value), claims)).toBe(held ? "editor" : misconfigured);
  });

  it("a group of another name that contains this one is not it", async () => {
    const mapping = rule("contains", "Admins", "cognito:groups");
    expect(await roleOf(mapping, { "cognito:groups": ["NotAdmins"] })).toBe(misconfigured);
    expect(await roleOf(mapping, { "cognito:groups": ["Admins"] })).toBe("editor");
  });

  it("the first that matches decides", async () => {
    const mapping: Mapping = {
      from: [
        { claim: "cognito:groups", match: "equals", value: "Admins", role: "admin" },
        { claim: "cognito:groups", match: "equals", value: "Staff", role: "editor" },
      ],
      otherwise: "authenticated",
    };
    expect(await roleOf(mapping, { "cognito:groups": ["Staff", "Admins"] })).toBe("admin");
    expect(await roleOf(mapping, { "cognito:groups": ["Staff"] })).toBe("editor");
    expect(await roleOf(mapping, {})).toBe("reader");
  });
});
