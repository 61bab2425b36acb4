import { createPolicy, type PolicyOptions, type RuleSchema } from "@authmodes/rules";
import { type PolicyText, readPolicy } from "@authmodes/rules/sdl";

export const noModels: RuleSchema = { models: {} };

/** Reads a text while it is edited. It may be empty, which GraphQL does not allow. */
export function readDraft(text: string, options: PolicyOptions = {}): PolicyText {
  const isBlank = text.replaceAll(/#.*|[\s,\uFEFF]/g, "") === "";
  if (!isBlank) return readPolicy(text, options);
  return { schema: noModels, policy: createPolicy(noModels, options), errors: [], warnings: [] };
}
