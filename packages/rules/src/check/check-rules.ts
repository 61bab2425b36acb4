import { type Complaint, finding, type Place } from "./finding.ts";
import { namedProviders, type PolicyOptions } from "../compile/options.ts";
import type { AuthRule, Finding } from "../types.ts";
import { type RulePlace, validateRule } from "./validate-rule.ts";

/** Complaints about the rules at one place. */
export type Check = (rules: readonly AuthRule[], place: RulePlace, at: Place) => readonly Finding[];

export function checker(options: PolicyOptions): Check {
  const configured = namedProviders(options);
  return (rules, place, at) => {
    if (!Array.isArray(rules)) {
      return [
        finding(at, { code: "rules-list", message: "rules has to be a list", mend: "write rules: [ … ]" }),
      ];
    }
    if (rules.length === 0) return [finding(at, emptyRules(at))];
    return rules.flatMap((rule) => validateRule(rule, place, configured).map((found) => finding(at, found)));
  };
}

function emptyRules({ model, field }: Place): Complaint {
  return {
    code: "no-rules",
    message: `@auth on ${field ?? model} does not have any auth rules.`,
    mend: "add a rule, or remove the empty list: without rules nobody may do anything",
  };
}
