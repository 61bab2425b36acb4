import { apiKeySteps } from "./api-key.ts";
import { elsewhere } from "./elsewhere.ts";
import { lambdaSteps } from "./lambda.ts";
import { rulesReasons } from "./rules.ts";
import { signatureSteps } from "./signature.ts";
import { tokenSteps } from "./token.ts";

// What each reason of a rejection means, and how to fix it.

/** Reasons of `AuthError`, each with its meaning and the fix. */
export type Reasons = Readonly<Record<string, readonly [says: string, mend: string]>>;

/** The checks of a mode in the order in which it makes them, each with the reasons for which it fails. */
export type Steps = Readonly<Record<string, Reasons>>;

export interface Meaning {
  readonly says: string;
  readonly mend: string;
}

/**
 * The checks of each mode.
 * @param isHashSent the request names the hash of its body
 */
export function stepsByMode(isHashSent: boolean): ReadonlyMap<string, Steps> {
  return new Map([
    ["userPool", tokenSteps],
    ["oidc", tokenSteps],
    ["iam", signatureSteps(isHashSent)],
    ["apiKey", apiKeySteps],
    ["lambda", lambdaSteps],
  ]);
}

const meanings: ReadonlyMap<string, Meaning> = new Map(
  [elsewhere, rulesReasons, ...[...stepsByMode(true).values()].flatMap((steps) => Object.values(steps))]
    .flatMap((reasons) => Object.entries(reasons))
    .map(([reason, [says, mend]]) => [reason, { says, mend }]),
);

/** @returns undefined for the reason of a mode that a user wrote */
export function meaningOf(reason: string): Meaning | undefined {
  return meanings.get(reason);
}
