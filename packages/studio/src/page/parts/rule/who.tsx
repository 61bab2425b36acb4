import { type Finding, type Provider, providers, type Strategy } from "@authmodes/rules";
import { type ReactNode, useId } from "react";
import { trialOf } from "../../lib/choices.ts";
import { type DraftPart, withStrategy } from "../../lib/draft.ts";
import { sentenceOf } from "../../lib/sentences.ts";
import { providerNames, upper } from "../../lib/words.ts";
import { Check } from "../controls.tsx";

// Which callers the rule is about: its strategy, and how they prove who they are.

const strategies: readonly (readonly [Strategy, string, string])[] = [
  ["owner", "Owner", "the user that the record names"],
  ["groups", "Group", "members of groups, named here or by the record"],
  ["private", "Private", "every signed-in user"],
  ["public", "Public", "every caller with an API key, or every guest"],
  ["custom", "Custom", "callers that your Lambda authorizer accepts"],
];

export function Strategies({ draft, change, objectionTo }: DraftPart): ReactNode {
  const name = useId();
  return (
    <fieldset>
      <legend>Who</legend>
      {strategies.map(([allow, title, text]) => {
        const reasonOf = (provider: Provider): Finding | undefined => objectionTo(trialOf(allow, provider));
        const possible = providers.filter((provider) => reasonOf(provider) === undefined);
        const reason =
          possible.length > 0
            ? undefined
            : providers.map(reasonOf).find((finding) => finding?.code !== "provider-of-strategy");
        return (
          <Check
            key={allow}
            name={name}
            checked={draft.allow === allow}
            disabled={reason !== undefined}
            set={() => change(withStrategy(draft, allow, possible))}
          >
            <strong>{title}</strong> {text}
            {reason !== undefined && <span className="reason">{sentenceOf(reason)}</span>}
          </Check>
        );
      })}
    </fieldset>
  );
}

export function Providers({ draft, change, objectionTo }: DraftPart): ReactNode {
  const name = useId();
  const reasonsId = useId();
  const reasons = new Map<Provider, string>();
  for (const provider of providers) {
    const finding = objectionTo(trialOf(draft.allow, provider));
    if (finding !== undefined) reasons.set(provider, sentenceOf(finding));
  }
  return (
    <fieldset>
      <legend>Proven by</legend>
      <div className="choices">
        {providers.map((provider) => (
          <Check
            key={provider}
            name={name}
            checked={draft.provider === provider}
            disabled={reasons.has(provider)}
            describedBy={reasons.has(provider) ? reasonsId : undefined}
            set={() => change({ provider, spellsProvider: true })}
          >
            {upper(providerNames[provider])}
          </Check>
        ))}
      </div>
      <div id={reasonsId} className="reasons">
        {[...new Set(reasons.values())].map((reason) => (
          <span key={reason} className="reason">
            {reason}
          </span>
        ))}
      </div>
    </fieldset>
  );
}
