import type { Identity } from "@authmodes/core";
import {
  type AuthRule,
  type ModelDefinition,
  type PolicyOptions,
  providerOf,
  providerOfMode,
  sessionArn,
  type Values,
} from "@authmodes/rules";
import { rulesWithin } from "./schema.ts";

// Example callers, with the identities that the modes would give them.

export const callerKinds = [
  ["userPool", "A user of the user pool"],
  ["apiKey", "A caller with an API key"],
  ["guest", "A guest of the identity pool"],
  ["signedIn", "A signed-in user of the identity pool"],
  ["oidc", "A user of the OpenID provider"],
  ["lambda", "A caller of the Lambda authorizer"],
  ["iam", "An IAM principal"],
  ["none", "A caller without credentials"],
] as const;

export interface CallerForm {
  readonly kind: (typeof callerKinds)[number][0];
  readonly name: string;
  readonly groups: string;
  readonly arn: string;
  readonly deniedFields: string;
}

export const firstCaller: CallerForm = {
  kind: "userPool",
  name: "alice",
  groups: "",
  arn: "arn:aws:iam::123456789012:user/alice",
  deniedFields: "",
};

function words(text: string): readonly string[] {
  return text.split(/[,\s]+/).filter((word) => word !== "");
}

const nothing = { groups: [], scopes: [], expiresAt: null };

export function identityOf(form: CallerForm, options: PolicyOptions): Identity {
  const { name } = form;
  const groups = words(form.groups);
  switch (form.kind) {
    case "userPool": {
      const issuer = [options.issuers?.userPools ?? "https://pool.example"].flat()[0] ?? "";
      const user = { sub: `sub-${name}`, username: name };
      const claims = { ...user, iss: issuer, "cognito:groups": groups };
      const token = { mode: "userPool", tokenUse: "access" } as const;
      return { ...nothing, ...user, ...token, id: user.sub, groups, issuer, claims };
    }
    case "oidc": {
      const issuer = [options.issuers?.oidc ?? "https://id.example"].flat()[0] ?? "";
      const claims = { sub: name, iss: issuer, groups, "cognito:groups": groups };
      return { ...nothing, mode: "oidc", id: name, sub: name, groups, issuer, claims };
    }
    case "apiKey":
      return { ...nothing, mode: "apiKey", id: "key", keyId: "key" };
    case "lambda": {
      const lambda = { id: name, principalId: name, resolverContext: {} };
      return { ...nothing, ...lambda, mode: "lambda", deniedFields: words(form.deniedFields) };
    }
    case "none":
      return { ...nothing, mode: "none", id: null };
    case "guest":
    case "signedIn":
    case "iam":
      return principal(form, options);
  }
}

const authTypes: Readonly<Partial<Record<CallerForm["kind"], "authenticated" | "unauthenticated">>> = {
  guest: "unauthenticated",
  signedIn: "authenticated",
};

function principal({ kind, arn }: CallerForm, { identityPool = {} }: PolicyOptions): Identity {
  const authType = authTypes[kind] ?? null;
  const roleArn = authType === "authenticated" ? identityPool.authRoleArn : identityPool.unauthRoleArn;
  const userArn =
    authType === null ? arn : sessionArn(roleArn ?? `arn:aws:iam::123456789012:role/${authType}`);
  const poolIdentity = authType === null ? null : "us-east-1:identity";
  return {
    ...nothing,
    mode: "iam",
    id: poolIdentity ?? userArn,
    accessKeyId: "ASIAEXAMPLE",
    accountId: "123456789012",
    userArn,
    username: userArn.split("/").at(-1) ?? userArn,
    cognitoIdentityId: poolIdentity,
    cognitoIdentityPoolId: authType === null ? null : (identityPool.id ?? "us-east-1:pool"),
    cognitoIdentityAuthType: authType,
    cognitoIdentityAuthProvider: null,
  };
}

const samples: Readonly<Record<string, unknown>> = { Int: 1, Float: 1.5, Boolean: true, ID: "1" };

/** Returns a record of the model that belongs to this caller; undefined: to another user. */
export function sampleRecord(model: ModelDefinition, owner: Identity | undefined): Values {
  const record: Record<string, unknown> = {};
  for (const [field, { type, relation }] of Object.entries(model.fields)) {
    if (relation !== undefined) continue;
    record[field] = type.startsWith("[") ? [] : (samples[type.replaceAll(/[[\]!]/g, "")] ?? field);
  }
  const write = (field: string, values: readonly string[]): void => {
    record[field] = model.fields[field]?.type.startsWith("[") === true ? values : (values[0] ?? "Others");
  };
  const rules = rulesWithin(model);
  const theirs = new Set<string>();
  for (const rule of [...rules, ...rules.flatMap(({ allOf = [] }) => allOf)]) {
    const { allow, ownerField = "owner", groupsField } = rule;
    if (allow === "owner" && !theirs.has(ownerField)) {
      const value = ownerValue(rule, owner);
      if (value !== undefined) theirs.add(ownerField);
      write(ownerField, [value ?? "sub-another-user::another-user"]);
    }
    if (allow === "groups" && groupsField !== undefined) write(groupsField, owner?.groups ?? ["Others"]);
  }
  return record;
}

/** The value of the owner field for this caller; undefined if the rule is about callers of another provider. */
function ownerValue(rule: AuthRule, owner: Identity | undefined): string | undefined {
  if (owner === undefined || !("claims" in owner)) return undefined;
  if (providerOfMode.get(owner.mode) !== providerOf(rule)) return undefined;
  const claims: Values = { ...("username" in owner && { username: owner.username }), ...owner.claims };
  const values = (rule.identityClaim ?? "sub::username").split("::").map((claim) => claims[claim]);
  return values.every((value) => typeof value === "string") ? values.join("::") : undefined;
}
