import type { MaybePromise } from "@authmodes/core";
import type { CheckedRoute } from "../check/guards.ts";
import type { NewFile } from "../files.ts";
import type { Step } from "../project/next-steps.ts";
import type { Plan } from "../project/plan.ts";

/** Everything that `init` and `check` know about a framework. */
export interface Framework {
  /** A project that depends on this package uses the framework. */
  readonly dependency: string;
  /** What `init` installs besides the packages of this project. */
  readonly packages: readonly string[];
  /** Whether node starts the server, so that its files have to be ES modules. */
  readonly runsOnNode: boolean;
  /** Where `auth.ts` is: the project's own folder, or one in it with a slash at the end. */
  readonly folder: "" | `${string}/`;
  /** `schema.graphql` as `auth.ts` names it, in code. */
  readonly schema: string;
  /** The files of a small app that uses `auth.ts`. */
  files(plan: Plan): readonly NewFile[];
  /** @param envFile the file with the server's secrets, if it has any */
  start(plan: Plan, envFile: string | undefined): Step;
  /** The routes of an app, as far as it shows them; undefined if it is an app of another framework. */
  routes?(app: unknown): MaybePromise<readonly CheckedRoute[] | undefined>;
}
