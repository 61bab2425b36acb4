import type { AuthEvent, Identity, ModeDescription } from "@authmodes/core";
import type { Finding, PolicyOptions, Provider } from "@authmodes/rules";

// What the page and its handler say to each other: types alone.

/** A file with rules, as it is on the disk. */
export interface SchemaFile {
  /** Without its folder. */
  readonly name: string;
  readonly text: string;
  /** SHA-256 of its bytes: what a save has to have started from. */
  readonly hash: string;
}

/** `GET api/state` */
export interface State {
  readonly file: SchemaFile;
  /** Whether the page may write it; else it hands out the patch. */
  readonly write: boolean;
  /** The modes that the server serves. */
  readonly modes: readonly ModeDescription[];
  /** Headers in which a pasted credential can be sent. */
  readonly credentialHeaders: readonly string[];
  /** The rules that the running server decides by; null where it has none that can be shown. */
  readonly running: RunningRules | null;
  /** What is wrong with the server as a whole. */
  readonly findings: readonly Finding[];
  /** Who has the page open; null where it is open to whoever works on this machine. */
  readonly caller: string | null;
  /** The clock of the server, in milliseconds since 1970. */
  readonly now: number;
}

export interface RunningRules {
  readonly options: PolicyOptions;
  readonly providers: readonly Provider[];
  /** Whether the file says something else: what is saved holds once the server is started anew. */
  readonly stale: boolean;
}

/** `PUT api/schema` */
export interface SaveRequest {
  readonly text: string;
  /** Of the file that was edited. */
  readonly hash: string;
}

export type SaveAnswer =
  | { readonly outcome: "saved"; readonly file: SchemaFile }
  /** Somebody else wrote it: nothing was overwritten. */
  | { readonly outcome: "changed"; readonly file: SchemaFile }
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

/** An event of `auth.onEvent` as JSON, without the thrown things that it may hold. */
export type Decided = Omit<AuthEvent, "cause">;

/** What `GET api/events` sends, as server-sent events. */
export interface Events {
  /** The last decisions, oldest first. */
  readonly recent: readonly Decided[];
  readonly decided: Decided;
  /** The file on the disk is another one now. */
  readonly file: { readonly hash: string };
}

/** Any answer that is neither of these. */
export interface Problem {
  readonly code: string;
  readonly detail: string;
}
