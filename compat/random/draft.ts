import type { AuthRule, Provider } from "@authmodes/rules";

/** A schema that can still be changed: mistakes are made in it before it is printed. */
export interface Draft {
  readonly providers: Provider[];
  readonly models: DraftModel[];
  /** Definitions that are written as they are. */
  readonly others: string[];
}

export interface DraftModel {
  readonly name: string;
  /** Arguments of `@model`, with their brackets. */
  model: string;
  rules: AuthRule[] | undefined;
  readonly fields: DraftField[];
}

export interface DraftField {
  readonly name: string;
  type: string;
  /** Such as `@primaryKey`, before the rules. */
  directives: string;
  rules: AuthRule[] | undefined;
}
