import type { Identity } from "@authmodes/core";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PolicyOptions } from "../compile/options.ts";
import type {
  AuthRule,
  FieldDefinition,
  ModelDefinition,
  Operation,
  Provider,
  RuleSchema,
} from "../types.ts";

// Amplify's behaviour as data: decisions, matrices and validations, in AppSync's terms. The file is outside the repository;
// without it, the tests that need it are skipped.

const file = fileURLToPath(new URL("../../../../../shared/cases/auth-rules.json", import.meta.url));

export const casesAreHere: boolean = existsSync(file);

export interface CaseSchema {
  readonly modes: readonly AppSyncMode[];
  readonly options?: {
    readonly identityPoolConfigured?: boolean;
    readonly enableIamAuthorizationMode?: boolean;
    readonly adminRoles?: readonly string[];
    readonly sandboxMode?: boolean;
    readonly populateOwnerFieldForStaticGroupAuth?: boolean;
  };
  readonly models: Readonly<Record<string, CaseModel>>;
  readonly types?: RuleSchema["types"];
}

interface CaseModel {
  readonly rules?: readonly AuthRule[];
  readonly subscriptions?: { readonly level: "on" | "public" | "off" };
  readonly fields: Readonly<Record<string, FieldDefinition & { readonly index?: string | boolean }>>;
}

export type AppSyncMode =
  | "API_KEY"
  | "AWS_IAM"
  | "AMAZON_COGNITO_USER_POOLS"
  | "OPENID_CONNECT"
  | "AWS_LAMBDA";

export interface CaseIdentity {
  readonly mode: AppSyncMode;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly iam?: {
    readonly userArn: string;
    readonly cognitoIdentityPoolId: string | null;
    readonly cognitoIdentityId: string | null;
    readonly cognitoIdentityAuthType: "authenticated" | "unauthenticated" | null;
  };
  readonly resolverContext?: Readonly<Record<string, unknown>>;
}

type Record_ = Readonly<Record<string, unknown>>;

export interface DecisionCase {
  readonly name: string;
  readonly schema: string;
  readonly identity: CaseIdentity;
  readonly model: string;
  readonly operation: Operation | `field:${string}`;
  readonly fields?: readonly string[];
  readonly record?: Record_ | null;
  readonly records?: readonly Record_[];
  readonly related?: Readonly<Record<string, readonly Record_[]>>;
  readonly input?: Record_;
  readonly args?: Record_;
  readonly expected: {
    readonly allowed: boolean;
    readonly reason?: string;
    readonly deniedFields?: readonly string[];
    readonly nullFields?: readonly string[];
    readonly returns?: readonly number[];
    readonly relatedReturns?: Readonly<Record<string, readonly number[]>>;
    readonly writes?: Record_;
    readonly runtimeFilter?: { readonly or: readonly Readonly<Record<string, Record_>>[] };
  };
}

export interface AmplifyCases {
  readonly format: {
    readonly constants: {
      readonly authRoleArn: string;
      readonly unauthRoleArn: string;
      readonly identityPoolId: string;
    };
  };
  readonly schemas: Readonly<Record<string, CaseSchema>>;
  readonly decisionCases: readonly DecisionCase[];
  readonly manualCases: readonly DecisionCase[];
  readonly acmCases: readonly {
    readonly name: string;
    readonly modes: readonly AppSyncMode[];
    readonly schema: Pick<CaseSchema, "models">;
    readonly expected: {
      readonly acm: readonly {
        readonly model: string;
        readonly roleName: string;
        readonly allowed: Readonly<Record<Operation, readonly string[]>>;
      }[];
    };
  }[];
  readonly validationCases: readonly {
    readonly name: string;
    readonly schema: CaseSchema;
    readonly expected: {
      readonly valid: boolean;
      readonly errorContains?: string;
      readonly normalizedGroups?: readonly string[];
      readonly roleName?: string;
      readonly warning?: string;
    };
  }[];
  readonly requestCases: readonly {
    readonly name: string;
    readonly target: string;
    readonly expected: Record_;
    readonly request: {
      readonly field?: string;
      readonly lambdaResult?: { readonly deniedFields?: readonly string[] };
    };
  }[];
}

export function readCases(): AmplifyCases {
  if (!casesAreHere) {
    console.warn(`skipped: the cases of Amplify's behaviour are not at ${file}`);
    return {
      format: { constants: { authRoleArn: "", unauthRoleArn: "", identityPoolId: "" } },
      schemas: {},
      decisionCases: [],
      manualCases: [],
      acmCases: [],
      validationCases: [],
      requestCases: [],
    };
  }
  return JSON.parse(readFileSync(file, "utf8")) as AmplifyCases;
}

const providers: Readonly<Record<AppSyncMode, Provider>> = {
  API_KEY: "apiKey",
  AWS_IAM: "identityPool",
  AMAZON_COGNITO_USER_POOLS: "userPools",
  OPENID_CONNECT: "oidc",
  AWS_LAMBDA: "function",
};

/** Converts a schema of the cases. */
export function schemaOf(schema: Pick<CaseSchema, "models" | "types" | "options">): RuleSchema {
  return {
    models: Object.fromEntries(Object.entries(schema.models).map(([name, model]) => [name, modelOf(model)])),
    ...(schema.types !== undefined && { types: schema.types }),
    ...(schema.options?.sandboxMode === true && { sandbox: true }),
  };
}

function modelOf({ rules, subscriptions, fields }: CaseModel): ModelDefinition {
  const indexed = Object.entries(fields).filter(([, { index }]) => index !== undefined);
  return {
    ...(rules !== undefined && { rules }),
    ...(subscriptions !== undefined && { subscriptions: subscriptions.level }),
    fields: Object.fromEntries(Object.entries(fields).map(([name, { index: _, ...field }]) => [name, field])),
    indexes: indexed.map(([field, { index }]) => ({ name: String(index), fields: [field] })),
  };
}

export function optionsOf(
  { modes, options = {} }: CaseSchema,
  constants: AmplifyCases["format"]["constants"],
): PolicyOptions {
  const { authRoleArn, unauthRoleArn, identityPoolId } = constants;
  return {
    providers: modes.map((mode) => providers[mode]),
    identityPool: {
      authRoleArn,
      unauthRoleArn,
      ...(options.identityPoolConfigured !== false && { id: identityPoolId }),
    },
    ...(options.adminRoles !== undefined && { adminRoles: options.adminRoles }),
    iamAccess: options.enableIamAuthorizationMode === true,
    populateOwner: options.populateOwnerFieldForStaticGroupAuth !== false,
  };
}

/** Converts an identity of AppSync. */
export function identityOf(identity: CaseIdentity): Identity {
  const base = { groups: [], scopes: [], expiresAt: null };
  const { claims = {} } = identity;
  const text = (name: string): string => (typeof claims[name] === "string" ? claims[name] : "");
  switch (identity.mode) {
    case "API_KEY":
      return { ...base, mode: "apiKey", id: "key-1", keyId: "key-1" };
    case "AMAZON_COGNITO_USER_POOLS": {
      const username = text("username") || text("cognito:username");
      const sub = text("sub");
      return {
        ...base,
        mode: "userPool",
        id: sub,
        sub,
        username,
        issuer: text("iss"),
        tokenUse: "access",
        claims,
      };
    }
    case "OPENID_CONNECT":
      return { ...base, mode: "oidc", id: text("sub"), sub: text("sub"), issuer: text("iss"), claims };
    case "AWS_LAMBDA": {
      const resolverContext = identity.resolverContext ?? {};
      return { ...base, mode: "lambda", id: null, principalId: null, resolverContext, deniedFields: [] };
    }
    case "AWS_IAM": {
      const iam = identity.iam ?? {
        userArn: "",
        cognitoIdentityPoolId: null,
        cognitoIdentityId: null,
        cognitoIdentityAuthType: null,
      };
      return {
        ...base,
        mode: "iam",
        id: iam.cognitoIdentityId ?? iam.userArn,
        accessKeyId: "AKIA1",
        accountId: "123456789012",
        username: "principal",
        cognitoIdentityAuthProvider: null,
        ...iam,
      };
    }
  }
}
