import type { AuthEvent, IdentityBase, Identity, ModeDescription } from "@authmodes/core";
import type { Finding, PolicyOptions, Provider, Question } from "@authmodes/rules";

// What the page and its server send each other.

/** A schema file as it is on the disk. */
export interface SchemaFile {
  /** Without its folder. */
  readonly name: string;
  readonly text: string;
  /** SHA-256 of its bytes. A save names the hash that it started from. */
  readonly hash: string;
}

/** `GET api/state` */
export interface State {
  readonly file: SchemaFile;
  /** Whether the page may write the file; otherwise it offers the patch. */
  readonly write: boolean;
  readonly modes: readonly ModeDescription[];
  /** Request headers in which a pasted credential can be sent. */
  readonly credentialHeaders: readonly string[];
  /** The rules that the running server decides by; null if it has none that can be shown. */
  readonly running: RunningRules | null;
  /** Whether the auth decides by a policy that `createPolicy` did not make, so that it cannot be shown. */
  readonly hasOwnPolicy: boolean;
  /** What is wrong with the server as a whole. */
  readonly findings: readonly Finding[];
  /** The user who has the page open; null if the link opened it. */
  readonly caller: string | null;
  /** The clock of the server, in milliseconds since 1970. */
  readonly now: number;
}

export interface RunningRules extends Force {
  readonly options: PolicyOptions;
  readonly providers: readonly Provider[];
}

/** Whether the rules of the file are in force. */
export interface Force {
  /** The server decides by other rules than those of the file. */
  readonly stale: boolean;
  /** It has not reloaded a file that changed seconds ago. */
  readonly needsRestart: boolean;
}

/** `PUT api/schema` */
export type SaveRequest = Pick<SchemaFile, "text" | "hash">;

export type SaveAnswer =
  /** "changed": the file changed since it was loaded, and nothing was overwritten. */
  | { readonly outcome: "saved" | "changed"; readonly file: SchemaFile }
  | { readonly outcome: "invalid"; readonly findings: readonly Finding[] };

/** `POST api/caller` */
export interface CallerRequest {
  readonly header: string;
  readonly value: string;
}

export type CallerAnswer =
  | { readonly outcome: "verified"; readonly identity: Identity }
  | {
      readonly outcome: "refused";
      readonly code: string;
      readonly reason: string;
      readonly detail: string | null;
    };

/** An event of `auth.onEvent` as JSON, without the thrown values that it may hold. */
export interface Decided extends Omit<AuthEvent, "cause"> {
  /** What people call the caller, if the credentials say more than `caller`. */
  readonly name: string | null;
  /** Whether `GET api/decisions/<id>` knows what the rules were asked. */
  readonly isAsked: boolean;
}

/** `GET api/decisions/<id>`: the caller, and of record and input what rules compare. */
export interface Asked extends Pick<Question, "model" | "operation" | "record" | "input"> {
  readonly identity: IdentityBase;
}

/** What `GET api/events` sends, as server-sent events. */
export interface Events {
  /** The last decisions, oldest first. */
  readonly recent: readonly Decided[];
  readonly decided: Decided;
  /** The hash of the file on the disk, when the page connects and when it changes. */
  readonly file: { readonly hash: string };
  /** Whether its rules are in force, when the page connects and when that changes. */
  readonly force: Force;
}

/** Any other answer. */
export interface Problem {
  readonly code: string;
  readonly detail: string;
}
