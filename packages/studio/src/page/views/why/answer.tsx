import type { Identity } from "@authmodes/core";
import type { Decision, Policy, Question, Values } from "@authmodes/rules";
import type { ReactNode } from "react";
import { attempt } from "../../lib/attempt.ts";
import { decideByRole } from "../../lib/why.ts";
import { type Fact, Facts } from "../../parts/facts.tsx";

interface Asked {
  readonly policy: Policy;
  readonly identity: Identity;
  readonly question: Question;
}

/** Shows the decision, and what each rule makes of the question. */
export function Answer({ policy, identity, question }: Asked): ReactNode {
  const result = attempt(() => decideByRole(policy, identity, question));
  if (result instanceof Error) return <p className="notice bad">{result.message}</p>;
  const { decision, steps } = result;
  return (
    <>
      <div className={decision.allowed ? "verdict yes" : "verdict no"}>
        <p className="big">{decision.allowed ? "Allowed" : "Denied"}</p>
        <p>{decision.explanation}</p>
        <Facts of={factsOf(decision)} />
      </div>
      <h2>Rule by rule</h2>
      <ol className="steps">
        {steps.map(({ role, who, decision: step, explanation }) => (
          <li key={role} className={step.allowed ? "yes" : "no"}>
            <span className="sign" aria-hidden="true">
              {step.allowed ? "✓" : "✕"}
            </span>
            <div>
              <p>
                <strong>{who}</strong>
                <span className="hidden">{step.allowed ? ", allows" : ", does not allow"}</span>
              </p>
              <p className="hint">
                {explanation}
                {!step.allowed && <code>{step.reason}</code>}
              </p>
            </div>
          </li>
        ))}
        {steps.length === 0 && <li className="no">The model has no rules.</li>}
      </ol>
    </>
  );
}

/** The decision of the saved file. */
export function Before({ policy, identity, question }: Asked): ReactNode {
  const decision = attempt(() => policy.decide(identity, question));
  if (decision instanceof Error) return null;
  return (
    <p className="hint">
      As saved: <strong>{decision.allowed ? "allowed" : "denied"}</strong>. {decision.explanation}
    </p>
  );
}

function factsOf(decision: Decision): readonly Fact[] {
  if (!decision.allowed) {
    return [
      ["reason", decision.reason],
      ["fields denied", decision.deniedFields.join(", ")],
      ["answered as", decision.missing ? "no such record" : "forbidden"],
    ];
  }
  const { filter } = decision;
  return [
    ["by", decision.rule],
    ["fields that are null", decision.nullFields.join(", ")],
    ["also written", writtenOf(decision.writes)],
    ["events sent", filter.kind === "always" ? "" : JSON.stringify(filter)],
  ];
}

function writtenOf(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    .join(", ");
}
