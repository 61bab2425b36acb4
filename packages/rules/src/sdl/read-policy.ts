import { PolicyError } from "../check/errors.ts";
import type { PolicyOptions } from "../compile/options.ts";
import { buildPolicy, type Policy } from "../policy.ts";
import type { Finding, RuleSchema } from "../types.ts";
import { parseWithPositions } from "./parse-schema.ts";

/** What a text says, as far as it can be read. */
export interface PolicyText {
  /** undefined if the text cannot be read. */
  readonly schema: RuleSchema | undefined;
  /** undefined if anything is wrong with it. */
  readonly policy: Policy | undefined;
  /** What is wrong, with line and column. */
  readonly errors: readonly Finding[];
  /** Those of the policy, with line and column. */
  readonly warnings: readonly Finding[];
}

/**
 * `parseSchema` and `createPolicy` in one, for tools: each rule is validated once, and nothing is thrown for what is
 * wrong with the text.
 * @throws TypeError if an option is misspelt
 */
export function readPolicy(sdl: string, options: PolicyOptions = {}): PolicyText {
  let schema: RuleSchema | undefined;
  let locate = (finding: Finding): Finding => finding;
  try {
    ({ schema, locate } = parseWithPositions(sdl));
    const policy = buildPolicy(schema, options, true);
    return { schema, policy, errors: [], warnings: policy.warnings.map(locate) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { schema, policy: undefined, errors: error.errors.map(locate), warnings: [] };
  }
}
