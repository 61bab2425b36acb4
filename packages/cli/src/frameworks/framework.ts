import type { MaybePromise } from "@authmodes/core";
import type { CheckedRoute } from "../check/guards.ts";
import type { NewFile } from "../files.ts";
import type { Step } from "../project/next-steps.ts";
import type { Plan } from "../project/plan.ts";

/** Everything that `init` and `check` know about a framework. */
export interface Framework {
  /** A project that depends on this package uses the framework. */
  readonly dependency: string;
  /** What `init` installs besides the packages of this project. Default: nothing. */
  readonly packages?: readonly string[];
  /** What it installs for TypeScript. Default: nothing. */
  readonly types?: readonly string[];
  /** Whether node starts the server, so that its files have to be ES modules. */
  readonly runsOnNode: boolean;
  /** The folder of `auth.ts`, with a slash at the end: the empty string is the project's own. */
  folder(plan: Plan): string;
  /** The end of relative imports: `.js`, unless the framework's resolver or compiler adds it. */
  importEnd(plan: Plan): "" | ".js";
  /** The files of a small app that uses `auth.ts`. */
  files(plan: Plan): readonly NewFile[];
  /**
   * What to do after the installation until the server runs.
   * @param envFile the file with the server's secrets, if it has any
   */
  start(plan: Plan, envFile: string | undefined): readonly Step[];
  /** The routes of an app, as far as it shows them; undefined if it is an app of another framework. */
  routes?(app: unknown): MaybePromise<readonly CheckedRoute[] | undefined>;
}
