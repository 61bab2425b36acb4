import { costLimitRule } from "@escape.tech/graphql-armor-cost-limit";
import { maxAliasesRule } from "@escape.tech/graphql-armor-max-aliases";
import { maxDepthRule } from "@escape.tech/graphql-armor-max-depth";
import type { ValidationRule } from "graphql";

// Limits of a document. Amplify's largest documents for these models stay below them.

/** Also limits the nesting: parsers and validation rules recurse, and would exceed the stack from some 2000 levels. */
export const maxTokens = 1000;

/** The limits as validation rules. */
export const limits: readonly ValidationRule[] = [
  maxDepthRule({ n: 10 }),
  maxAliasesRule({ n: 30 }),
  costLimitRule({ maxCost: 2000 }),
];
