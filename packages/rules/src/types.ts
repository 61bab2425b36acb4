// The types of rules, questions and decisions. Rules are plain JSON, spelled as Amplify spells them.
// Source of the behaviour: AWS Amplify documentation, "Customize authorization rules" (@auth, GraphQL transformer v2).

import type { Condition, Masked, Values } from "@authmodes/core";

export type { Condition, Masked, Values };

/** An operation on the records of a model. */
export type Operation = "create" | "update" | "delete" | ReadOperation;
/** The operations that `read` stands for in rules. */
export type ReadOperation = "get" | "list" | "search" | "listen" | "sync";

/**
 * The callers that a rule admits: `public` (API keys, or guests of an identity pool), `private` (signed-in users), `owner` (the user
 * that the record names), `groups` (members of a group), `custom` (callers that your authorizer accepts).
 */
export type Strategy = "public" | "private" | "owner" | "groups" | "custom";

/** How a caller is authenticated: Amplify's names for the modes `apiKey`, `iam`, `userPool`, `oidc` and `lambda`. */
export type Provider = "apiKey" | "identityPool" | "userPools" | "oidc" | "function";

/** A rule, as in `@auth(rules: […])`: who may do what. */
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
  /** Groups rules: the groups whose members the rule admits. Give these or `groupsField`. */
  readonly groups?: string | readonly string[];
  /** Groups rules: the field of the record that names a group, or holds a list of groups. */
  readonly groupsField?: string;
  /** Groups rules: the claim that lists the caller's groups. Default `cognito:groups`. */
  readonly groupClaim?: string;
  /** Default: all of them. An empty list grants nothing. On fields: create, read, update, delete. */
  readonly operations?: readonly (Operation | "read")[];
  /** Not in Amplify: further conditions that must hold as well, such as owner AND group. */
  readonly allOf?: readonly RuleCondition[];
  /** Not in Amplify. Public rules of identity pools: admits signed-in users of the pool as well as guests. */
  readonly includeSignedIn?: boolean;
}

/** A further condition of a rule, for the same provider and operations. */
export type RuleCondition = Omit<AuthRule, "provider" | "operations" | "allOf" | "includeSignedIn">;

/** A field of a model or a type. */
export interface FieldDefinition {
  /** The type, as GraphQL writes it: `String`, `ID!`, `[String!]`, `Note`. */
  readonly type: string;
  /** Rules that replace those of the model on this field; they are never combined. */
  readonly rules?: readonly AuthRule[];
  /** The field is the primary key. Default: the field `id` is. */
  readonly primaryKey?: boolean;
  /** The field leads to records of another model, whose own rules decide about them. */
  readonly relation?: "hasOne" | "hasMany" | "belongsTo" | "manyToMany";
}

/** A type that is not a model: a nested object, or one of the root types Query, Mutation and Subscription. */
export interface TypeDefinition {
  readonly rules?: readonly AuthRule[];
  readonly fields: Readonly<Record<string, FieldDefinition>>;
}

/** A model: its fields, and the rules for its records. Without rules here or on fields, every request is denied. */
export interface ModelDefinition extends TypeDefinition {
  /** The fields of the primary key, partition key first. Default: the field marked `primaryKey`, else `id`. */
  readonly key?: readonly string[];
  /** Indexes that lists can be queried by, each with its partition key first. */
  readonly indexes?: readonly { readonly name: string; readonly fields: readonly string[] }[];
  /**
   * AppSync's subscription level. With `on`, a field that some readers may not see is null in the answer to a write,
   * because subscribers receive that answer. Default `on`, as in Amplify.
   */
  readonly subscriptions?: "on" | "public" | "off";
}

/** The models of an API with their rules. */
export interface RuleSchema {
  readonly models: Readonly<Record<string, ModelDefinition>>;
  readonly types?: Readonly<Record<string, TypeDefinition>>;
  /** Amplify's `globalAuthRule: { allow: public }`: API keys may do everything with models without rules. For development. */
  readonly sandbox?: boolean;
}

/** What the caller wants to do, as `Policy.decide` takes it. */
export interface Question<Model extends string = string> {
  readonly model: Model;
  readonly operation: Operation;
  /** The stored record, as the database client returns it; null if there is none. Leave it out if it was not loaded. */
  readonly record?: object | null;
  /** What a create or an update writes: only the fields that change. */
  readonly input?: object;
  /** Key and subscription arguments; `index` names the index that a list is queried by. They never allow more. */
  readonly args?: object;
  /** The fields that the caller wants to see. Default: all. */
  readonly fields?: readonly string[];
}

/** The operations that read many records. */
export type ListOperation = Extract<Operation, "list" | "search" | "sync">;

/** Which records the caller wants, as `Policy.list` and `Policy.filter` take it. */
export interface ListQuestion<Model extends string = string> {
  readonly model: Model;
  /** `get` asks which records the caller may read one by one. Default `list`. */
  readonly operation?: ListOperation | "get";
  /** Key arguments, as in `Question`. */
  readonly args?: object;
}

/** Why a request was denied. For logs and tests; do not send it to the caller. */
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
  /** The decision depends on the record: load it and ask again. */
  | "needs-record"
  /** The decision depends on what is written: pass the input and ask again. */
  | "needs-input";

/** A request that the rules allow, with what the server has to observe. */
export interface Allowed {
  readonly allowed: true;
  /**
   * The role that decided, such as `Order:userPools:owner:owner:sub::username`; several joined by `, ` if each allows a
   * part of the input; `filtered` for lists whose records are decided one by one; `admin-role-bypass`,
   * `generic-iam-bypass` or `sandbox` if the rules do not apply to the caller.
   */
  readonly rule: string;
  /**
   * Reading: the requested fields that the caller may not see, `note.text` within nested types. Without the record this
   * includes fields that depend on it.
   */
  readonly nullFields: readonly string[];
  /** Create: values to add to the input, such as the owner. */
  readonly writes: Values;
  /**
   * Lists: which records the caller gets. `listen`: which events the subscriber receives. Update and delete: what the record
   * has to match when it is written, so that it is the one that was decided about.
   */
  readonly filter: Condition;
  /** A sentence for logs. */
  readonly explanation: string;
}

/** A request that the rules deny. */
export interface Denied {
  readonly allowed: false;
  readonly reason: DenialReason;
  /** The fields of the input that the caller may not write. */
  readonly deniedFields: readonly string[];
  /**
   * Answer "not found" instead of "forbidden": there is no such record, or `hideAsMissing` is set and the caller may not
   * get it.
   */
  readonly missing: boolean;
  /** A sentence for logs. */
  readonly explanation: string;
}

/** The answer to a question. */
export type Decision = Allowed | Denied;

/** A row of the matrix: what a role may do with a field. */
export interface MatrixRow {
  readonly model: string;
  /** The role as Amplify names it, without the model: `userPools:owner:owner:sub::username`. */
  readonly role: string;
  readonly field: string;
  readonly operations: readonly Operation[];
}

/** A problem in a schema, a policy or a server, and how to fix it. */
export interface Finding {
  /** An identifier such as `no-rules`, for tests and for ignoring it. */
  readonly code: string;
  readonly level: "error" | "warning";
  readonly model?: string;
  readonly field?: string;
  /** Its position in the text of a schema, and the file if `parseSchema` was told. Lines and columns count from 1. */
  readonly position?: { readonly file?: string; readonly line: number; readonly column: number };
  readonly message: string;
  /** What to write instead. */
  readonly mend: string;
}
