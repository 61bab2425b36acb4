import { apiKey, type Auth, createAuth, type FindAccessKey, iam, none, userPool } from "@authmodes/core";
import { createIdentityPool } from "./create.ts";

const base = { id: "us-east-1:x", accountId: "1", keys: "", identityKey: "" };
const roles = { guest: ["GET /books*"], admin: ["* *"] };

const pool = createIdentityPool({ ...base, roles, guests: "guest" });
pool satisfies FindAccessKey;
iam({ region: "us-east-1", credentials: pool });
// One of several sources.
iam({ region: "us-east-1", credentials: (id, context) => pool(id, context) ?? undefined });

// @ts-expect-error a role that is not listed
createIdentityPool({ ...base, roles, guests: "visitor" });
// @ts-expect-error guests are switched on by the name of their role
createIdentityPool({ ...base, roles, guests: true });
// @ts-expect-error without the key of identity ids
createIdentityPool({ id: "us-east-1:x", accountId: "1", keys: "", roles, guests: "guest" });
const unlisted = { claim: "a", match: "equals", value: "b", role: "owner" } as const;
// @ts-expect-error a rule for a role that is not listed
createIdentityPool({ ...base, roles, roleMappings: { x: { from: [unlisted], otherwise: "deny" } } });

const logins = createAuth([userPool({ userPoolId: "us-east-1_x", clientId: "web", tokenUse: "id" })]);
createIdentityPool({ ...base, roles, authenticated: "admin", providers: logins });
const noLogins = createAuth([apiKey({ keys: [] }), none()]);
// @ts-expect-error API keys are no logins
createIdentityPool({ ...base, roles, authenticated: "admin", providers: noLogins });
const any: Auth = logins;
// @ts-expect-error an auth of any modes
createIdentityPool({ ...base, roles, authenticated: "admin", providers: any });
