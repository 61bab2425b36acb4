import { costLimitRule } from "@escape.tech/graphql-armor-cost-limit";
import { maxAliasesRule } from "@escape.tech/graphql-armor-max-aliases";
import { maxDepthRule } from "@escape.tech/graphql-armor-max-depth";
import type { ValidationRule } from "graphql";

// Limits of a document. Amplify's largest documents for these models stay below them.

/** Also limits the nesting, because parsers and validation rules recurse. */
export const maxTokens = 2000;

/** The limits as validation rules. */
export const limits: readonly ValidationRule[] = [
  maxDepthRule({ n: 10 }),
  maxAliasesRule({ n: 30 }),
  costLimitRule({ maxCost: 2000 }),
];
