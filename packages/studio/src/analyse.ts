import {
  createPolicy,
  type Finding,
  type Policy,
  PolicyError,
  type PolicyOptions,
  type RuleSchema,
} from "@authmodes/rules";
import { parseWithPositions } from "@authmodes/rules/sdl";

/** What a text says, as far as it can be read. */
export interface Analysis {
  readonly text: string;
  /** undefined where the text cannot be read. */
  readonly schema: RuleSchema | undefined;
  /** undefined where its rules cannot stand. */
  readonly policy: Policy | undefined;
  /** What is wrong, with line and column. */
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

const nothing: RuleSchema = { models: {} };

export function analyse(text: string, options: PolicyOptions): Analysis {
  let schema: RuleSchema | undefined;
  let locate = (finding: Finding): Finding => finding;
  try {
    if (isBlank(text)) schema = nothing;
    else ({ schema, locate } = parseWithPositions(text));
    const policy = createPolicy(schema, options);
    return { text, schema, policy, errors: [], warnings: policy.warnings.map(locate) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { text, schema, policy: undefined, errors: error.errors.map(locate), warnings: [] };
  }
}

/** What one starts from: GraphQL has no syntax for a schema without types. */
function isBlank(text: string): boolean {
  return text.replaceAll(/#.*|[\s,\uFEFF]/g, "") === "";
}
