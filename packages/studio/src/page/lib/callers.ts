import type { Identity } from "@authmodes/core";
import type { ModelDefinition, PolicyOptions, Values } from "@authmodes/rules";
import { providerOf } from "./words.ts";

// Callers to try the rules with, as the modes would prove them.

export const callerKinds = {
  userPool: "A user of the user pool",
  apiKey: "Somebody with an API key",
  guest: "A guest of the identity pool",
  signedIn: "A signed-in user of the identity pool",
  oidc: "A user of the OpenID provider",
  lambda: "A caller whom the Lambda authorizer admits",
  iam: "An IAM principal",
  none: "Somebody without credentials",
} as const;

export type CallerKind = keyof typeof callerKinds;

export interface CallerForm {
  readonly kind: CallerKind;
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

export function words(text: string): readonly string[] {
  return text.split(/[,\s]+/).filter((word) => word !== "");
}

export function identityOf(form: CallerForm, options: PolicyOptions): Identity {
  const groups = words(form.groups);
  const base = { groups, scopes: [], expiresAt: null };
  const { name } = form;
  switch (form.kind) {
    case "userPool": {
      const issuer = [options.issuers?.userPools ?? "https://pool.example"].flat()[0] ?? "";
      const sub = `sub-${name}`;
      const claims = { sub, username: name, iss: issuer, "cognito:groups": groups };
      return { ...base, mode: "userPool", id: sub, sub, username: name, issuer, tokenUse: "access", claims };
    }
    case "oidc": {
      const issuer = [options.issuers?.oidc ?? "https://id.example"].flat()[0] ?? "";
      const claims = { sub: name, iss: issuer, groups, "cognito:groups": groups };
      return { ...base, mode: "oidc", id: name, sub: name, issuer, claims };
    }
    case "apiKey":
      return { ...base, mode: "apiKey", id: "key", keyId: "key", groups: [] };
    case "lambda": {
      const deniedFields = words(form.deniedFields);
      return {
        ...base,
        mode: "lambda",
        id: name,
        principalId: name,
        resolverContext: {},
        deniedFields,
        groups: [],
      };
    }
    case "none":
      return { ...base, mode: "none", id: null, groups: [] };
    case "guest":
      return principal(form, options, "unauthenticated");
    case "signedIn":
      return principal(form, options, "authenticated");
    case "iam":
      return principal(form, options, null);
  }
}

function principal(
  form: CallerForm,
  { identityPool = {} }: PolicyOptions,
  authType: "authenticated" | "unauthenticated" | null,
): Identity {
  const roleArn = authType === "authenticated" ? identityPool.authRoleArn : identityPool.unauthRoleArn;
  const userArn =
    authType === null ? form.arn : sessionArn(roleArn ?? `arn:aws:iam::123456789012:role/${authType}`);
  const pool = authType === null ? null : (identityPool.id ?? "us-east-1:pool");
  return {
    mode: "iam",
    id: authType === null ? userArn : "us-east-1:identity",
    groups: [],
    scopes: [],
    expiresAt: null,
    accessKeyId: "ASIAEXAMPLE",
    accountId: "123456789012",
    userArn,
    username: userArn.split("/").at(-1) ?? userArn,
    cognitoIdentityId: authType === null ? null : "us-east-1:identity",
    cognitoIdentityPoolId: pool,
    cognitoIdentityAuthType: authType,
    cognitoIdentityAuthProvider: null,
  };
}

/** What callers of a role have, where its own ARN is known. */
function sessionArn(arn: string): string {
  return arn.replace(
    /^arn:([^:]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/,
    "arn:$1:sts::$2:assumed-role/$3/CognitoIdentityCredentials",
  );
}

const samples: Readonly<Record<string, unknown>> = { Int: 1, Float: 1.5, Boolean: true, ID: "1" };

/** A record of the model, of this caller or of somebody else. */
export function sampleRecord(
  model: ModelDefinition,
  identity: Identity | undefined,
  isTheirs: boolean,
): Values {
  const record: Record<string, unknown> = {};
  for (const [field, { type, relation }] of Object.entries(model.fields)) {
    if (relation !== undefined) continue;
    record[field] = type.startsWith("[") ? [] : (samples[type.replaceAll(/[[\]!]/g, "")] ?? field);
  }
  const rules = [
    ...(model.rules ?? []),
    ...Object.values(model.fields).flatMap((field) => field.rules ?? []),
  ];
  for (const rule of [...rules, ...rules.flatMap(({ allOf = [] }) => allOf)]) {
    if (rule.allow === "owner") {
      const field = rule.ownerField ?? "owner";
      const isOidc = identity?.mode === "oidc" && providerOf(rule) === "oidc";
      const isPool = identity?.mode === "userPool" && providerOf(rule) === "userPools";
      const claims = (rule.identityClaim ?? "sub::username").split("::");
      const value = isTheirs && (isOidc || isPool) ? ownerValue(identity, claims) : undefined;
      const isList = model.fields[field]?.type.startsWith("[") === true;
      const written = value ?? "sub-somebody::somebody";
      const isSet =
        isTheirs &&
        typeof record[field] === "string" &&
        record[field] !== field &&
        record[field] !== "sub-somebody::somebody";
      if (!isSet) record[field] = isList ? [written] : written;
    }
    if (rule.allow === "groups" && rule.groupsField !== undefined) {
      const groups = isTheirs ? (identity?.groups ?? []) : ["Others"];
      const isList = model.fields[rule.groupsField]?.type.startsWith("[") === true;
      record[rule.groupsField] = isList ? groups : (groups[0] ?? "Others");
    }
  }
  return record;
}

function ownerValue(identity: Identity, claims: readonly string[]): string | undefined {
  if (!("claims" in identity)) return undefined;
  const values = claims.map(
    (claim) =>
      identity.claims[claim] ??
      (claim === "username" && "username" in identity ? identity.username : undefined),
  );
  return values.every((value) => typeof value === "string") ? values.join("::") : undefined;
}
