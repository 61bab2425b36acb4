import {
  createPolicy,
  type Finding,
  type Policy,
  PolicyError,
  type PolicyOptions,
  type RuleSchema,
} from "@authmodes/rules";
import { type ParsedSchema, parseWithPositions } from "@authmodes/rules/sdl";

// What a text says, for the page, which shows it, and for the handler, which saves it.

export interface Analysis {
  readonly text: string;
  readonly options: PolicyOptions;
  /** undefined where the text cannot be read. */
  readonly schema: RuleSchema | undefined;
  /** undefined where its rules cannot stand. */
  readonly policy: Policy | undefined;
  /** What is wrong, with line and column. */
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** Reads texts and validates and compiles their rules, each once as long as it is one of the last two. */
export function analyser(
  parse: (text: string) => ParsedSchema = parseWithPositions,
): (text: string, options: PolicyOptions) => Analysis {
  let last: readonly Analysis[] = [];
  return (text, options) => {
    const isKnown = (one: Analysis): boolean => one.text === text && one.options === options;
    const known = last.find(isKnown) ?? analyse(text, options, parse);
    last = [known, ...last.filter((one) => one !== known)].slice(0, 2);
    return known;
  };
}

function analyse(text: string, options: PolicyOptions, parse: (text: string) => ParsedSchema): Analysis {
  let schema: RuleSchema | undefined;
  let locate = (finding: Finding): Finding => finding;
  try {
    ({ schema, locate } = parse(text));
    const policy = createPolicy(schema, options);
    return { text, options, schema, policy, errors: [], warnings: policy.warnings.map(locate) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { text, options, schema, policy: undefined, errors: error.errors.map(locate), warnings: [] };
  }
}
