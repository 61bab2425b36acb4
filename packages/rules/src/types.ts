// The vocabulary of the rules, one page, no code that runs. Rules are plain JSON; their words are Amplify's.
// Source of the behaviour: AWS Amplify documentation, "Customize authorization rules" (@auth, GraphQL transformer v2).

import type { Condition, Values } from "@authmodes/core";

export type { Condition, Values };

/** What may be done with records. */
export type Operation = "create" | "update" | "delete" | ReadOperation;
/** The kinds of reading, for which `read` stands in rules. */
export type ReadOperation = "get" | "list" | "search" | "listen" | "sync";

export type Strategy = "public" | "private" | "owner" | "groups" | "custom";

/** What proves who calls. Amplify's words for the modes: apiKey, iam, userPool, oidc, lambda. */
export type Provider = "apiKey" | "identityPool" | "userPools" | "oidc" | "function";

/** An entry of `@auth(rules: […])`. */
export interface AuthRule {
  readonly allow: Strategy;
  /**
   * Default: `userPools` for owner, groups and private, `apiKey` for public, `function` for custom.
   * `iam` is the deprecated spelling of `identityPool`.
   */
  readonly provider?: Provider | "iam";
  /** Owner rules: the field that holds the owner, or a list of owners. Default `owner`. */
  readonly ownerField?: string;
  /** Owner rules: the claim that names the caller, or several joined by `::`. Default `sub::username`. */
  readonly identityClaim?: string;
  /** Groups rules: these groups … */
  readonly groups?: string | readonly string[];
  /** … or the field of the record that names a group, or a list of them. */
  readonly groupsField?: string;
  /** Groups rules: the claim that lists the caller's groups. Default `cognito:groups`. */
  readonly groupClaim?: string;
  /** Default: all of them. An empty list grants nothing. On fields: create, read, update, delete. */
  readonly operations?: readonly (Operation | "read")[];
  /** Beyond Amplify: the rule holds only where all of these hold too, such as owner AND group. */
  readonly allOf?: readonly RuleCondition[];
  /** Beyond Amplify, for public rules of identity pools: signed-in users of the pool too. */
  readonly includeSignedIn?: boolean;
}

/** What has to hold besides the rule itself; of the rule's own provider, for its operations. */
export type RuleCondition = Omit<AuthRule, "provider" | "operations" | "allOf" | "includeSignedIn">;

export interface FieldDefinition {
  /** As GraphQL writes it: `String`, `ID!`, `[String!]`, `Note`. */
  readonly type: string;
  /** Replace the model's rules on this field; they are never added to them. */
  readonly rules?: readonly AuthRule[];
  readonly primaryKey?: boolean;
  readonly relation?: "hasOne" | "hasMany" | "belongsTo" | "manyToMany";
}

export interface ModelDefinition {
  /** Without any, and without rules on fields, nobody may do anything. */
  readonly rules?: readonly AuthRule[];
  readonly fields: Readonly<Record<string, FieldDefinition>>;
  /** The fields of the primary key, partition key first. Default: the field marked `primaryKey`, else `id`. */
  readonly key?: readonly string[];
  readonly indexes?: readonly { readonly name: string; readonly fields: readonly string[] }[];
  /**
   * AppSync's subscription level. With `on` a field that not every reader may see is null in the answer to a write, for
   * subscribers are sent that answer. Default `on`, as Amplify has it.
   */
  readonly subscriptions?: "on" | "public" | "off";
}

/** Types that are not models: nested objects, and the root types Query, Mutation and Subscription. */
export interface TypeDefinition {
  readonly rules?: readonly AuthRule[];
  readonly fields: Readonly<Record<string, FieldDefinition>>;
}

/** All models of an API with their rules. */
export interface RuleSchema {
  readonly models: Readonly<Record<string, ModelDefinition>>;
  readonly types?: Readonly<Record<string, TypeDefinition>>;
  /** `globalAuthRule: { allow: public }`: API keys may do everything with models that have no rules. For first steps. */
  readonly sandbox?: boolean;
}

/** What somebody wants to do. */
export interface Question {
  readonly model: string;
  readonly operation: Operation;
  /** The stored record; null where there is none; left out where it was not loaded. */
  readonly record?: Values | null;
  /** What a create or an update wants to write: only the keys that it has. */
  readonly input?: Values;
  /** Key and subscription arguments; `index` names the index that a list is queried by. They only ever narrow. */
  readonly args?: Values;
  /** The fields that the caller wants to see. Default: all. */
  readonly fields?: readonly string[];
}

export type ListOperation = Extract<Operation, "list" | "search" | "sync">;

/** Which records a caller wants. */
export interface ListQuestion {
  readonly model: string;
  /** Default `list`. */
  readonly operation?: ListOperation;
  /** Key arguments, as of `Question`. */
  readonly args?: Values;
}

/** Why a question was denied: for logs and tests, not for the caller. */
export type DenialReason =
  | "mode-not-configured"
  | "no-auth-rules"
  | "no-role-for-operation"
  | "no-matching-role"
  | "field-denied"
  | "record-filtered"
  | "record-missing"
  | "owner-argument-mismatch"
  | "owner-key-argument-mismatch"
  /** The answer depends on the record: load it and ask again. */
  | "needs-record"
  /** The answer depends on what is to be written: pass the input and ask again. */
  | "needs-input";

export interface Allowed {
  readonly allowed: true;
  /**
   * The role that decided, such as `Order:userPools:owner:owner:sub::username`, several joined by `, ` where each
   * allows a part of the input; `filtered` for lists whose records decide one by one; or what is above all rules:
   * `admin-role-bypass`, `generic-iam-bypass`, `sandbox`.
   */
  readonly rule: string;
  /**
   * For reading: fields of the record, among those asked for, that the caller may not see; `note.text` within nested
   * types. Without the record, those that depend on it too.
   */
  readonly nullFields: readonly string[];
  /** Values that belong into the input: the owner that is filled in. */
  readonly writes: Values;
  /** For lists, which records the caller gets; for `listen`, which events the subscriber is sent. */
  readonly filter: Condition;
  /** A sentence for logs. */
  readonly explanation: string;
}

export interface Denied {
  readonly allowed: false;
  readonly reason: DenialReason;
  /** The fields of the input that were refused. */
  readonly deniedFields: readonly string[];
  /**
   * Answer as if there were no such record: there is none and some rule reaches the caller, or `hideAsMissing` is set and
   * the caller may not get it.
   */
  readonly missing: boolean;
  /** A sentence for logs. */
  readonly explanation: string;
}

export type Decision = Allowed | Denied;

/** A cell of the matrix: what a role may do with a field. */
export interface MatrixRow {
  readonly model: string;
  /** The role, as Amplify names it, without the model: `userPools:owner:owner:sub::username`. */
  readonly role: string;
  readonly field: string;
  readonly operations: readonly Operation[];
}

/** Something wrong with a schema, a policy or a server, and how to fix it. */
export interface Finding {
  /** An identifier such as `no-rules`, for tests and for silencing. */
  readonly code: string;
  readonly level: "error" | "warning";
  readonly model?: string;
  readonly field?: string;
  /** In the text of a schema. Both count from 1. */
  readonly position?: { readonly line: number; readonly column: number };
  readonly message: string;
  readonly mend: string;
}
