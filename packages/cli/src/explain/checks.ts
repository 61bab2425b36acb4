import { stepsByMode } from "./reasons/meaning.ts";

/** One thing that a mode looks at, in the order in which it does. */
export interface Check {
  readonly name: string;
  readonly outcome: "holds" | "fails" | "not reached";
}

/**
 * Which checks of a mode held. Empty if that cannot be told: the refusal came before, or from the server's own code.
 * @param reason undefined if the mode accepted
 * @param isHashSent the request names the hash of its body
 */
export function checksOf(
  mode: string | undefined,
  reason: string | undefined,
  isHashSent: boolean,
): readonly Check[] {
  const steps = Object.entries(stepsByMode(isHashSent).get(mode ?? "") ?? {});
  const failed =
    reason === undefined ? steps.length : steps.findIndex(([, reasons]) => Object.hasOwn(reasons, reason));
  if (failed === -1) return [];
  return steps.map(([name], index) => ({
    name,
    outcome: index < failed ? "holds" : index === failed ? "fails" : "not reached",
  }));
}
