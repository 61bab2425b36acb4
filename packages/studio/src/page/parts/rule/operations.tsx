import { type AuthRule, type Finding, type Operation, readOperations } from "@authmodes/rules";
import type { ReactNode } from "react";
import { order } from "../../lib/cells.ts";
import { trialOf } from "../../lib/choices.ts";
import type { DraftPart } from "../../lib/draft.ts";
import { sentenceOf } from "../../lib/sentences.ts";
import { columns } from "../../lib/words.ts";
import { Check } from "../controls.tsx";

type Granted = Operation | "read";

/** The operations that the rule allows. */
export function Operations({ draft, change, objectionTo }: DraftPart): ReactNode {
  const { everything, operations } = draft;
  const objectionWith = (operation: Granted): Finding | undefined => {
    const trial: AuthRule = { ...trialOf(draft.allow, draft.provider), operations: [operation] };
    return objectionTo(trial);
  };
  const reason = objectionWith("read");
  const toggle = (operation: Granted, isOn: boolean): void => {
    // `read` is all kinds of reading, so a rule has either `read` or some of them.
    const isReplaced = (other: Granted): boolean =>
      other === operation ||
      (operation === "read" && isReading(other)) ||
      (other === "read" && isOn && isReading(operation));
    const next = new Set(operations.filter((other) => !isReplaced(other)));
    if (isOn) next.add(operation);
    change({ operations: order.filter((one) => next.has(one)) });
  };
  return (
    <fieldset>
      <legend>May</legend>
      <Check checked={everything} set={(isOn) => change({ everything: isOn })}>
        do everything
      </Check>
      {!everything && <Checks of={columns} checked={operations} reason={reason} toggle={toggle} />}
      {!everything && reason === undefined && (
        <details open={operations.some(isReading)}>
          <summary>Only some kinds of reading</summary>
          <Checks of={readOperations} checked={operations} reason={objectionWith("get")} toggle={toggle} />
        </details>
      )}
    </fieldset>
  );
}

function isReading(operation: Granted): boolean {
  return readOperations.some((read) => read === operation);
}

interface ChecksProps {
  readonly of: readonly Granted[];
  readonly checked: readonly Granted[];
  /** Why they cannot be chosen. */
  readonly reason: Finding | undefined;
  readonly toggle: (operation: Granted, isOn: boolean) => void;
}

function Checks({ of, checked, reason, toggle }: ChecksProps): ReactNode {
  return (
    <>
      <div className="checks">
        {of.map((operation) => (
          <Check
            key={operation}
            checked={checked.includes(operation)}
            disabled={reason !== undefined}
            set={(isOn) => toggle(operation, isOn)}
          >
            {operation}
          </Check>
        ))}
      </div>
      {reason !== undefined && <span className="reason">{sentenceOf(reason)}</span>}
    </>
  );
}
