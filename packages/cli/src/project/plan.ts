import type { FrameworkName } from "../frameworks/frameworks.ts";
import type { ModeName } from "../outgoing/source.ts";
import type { RuleTemplate } from "./rule-templates.ts";
import type { Project } from "./project.ts";
import type { ProviderOptions } from "./provider-options.ts";

/** What `init` was told: the questions of Amplify's command line, answered. */
export interface Plan {
  readonly project: Project;
  readonly framework: FrameworkName;
  /** Of the files that are written. */
  readonly extension: "ts" | "js";
  readonly modes: readonly ModeName[];
  readonly providers: ProviderOptions;
  readonly region: string;
  /** How long the first API key is good. */
  readonly apiKeyDays: number;
  readonly model: string;
  readonly access: readonly RuleTemplate[];
}
