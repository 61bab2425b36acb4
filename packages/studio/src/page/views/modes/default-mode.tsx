import { createPolicy, type Provider } from "@authmodes/rules";
import { type ReactNode, useState } from "react";
import { attempt } from "../../lib/attempt.ts";
import { namedProviders } from "../../lib/choices.ts";
import { difference } from "../../lib/rights.ts";
import { providerNames, upper } from "../../lib/words.ts";
import { Select } from "../../parts/controls.tsx";
import { CopyButton, Patch } from "../../parts/patch.tsx";
import { Sentences } from "../../parts/sentences.tsx";
import { useStore } from "../../store.ts";

/** The provider that root fields without rules are open to: the first of the `providers` of the policy. */
export function DefaultMode(): ReactNode {
  const { state, choosing, draft } = useStore();
  const { running } = state;
  const named = namedProviders(running) ?? [];
  const [chosen, setChosen] = useState<Provider | "">(named[0] ?? "");
  if (running === null) return null;
  const all: readonly Provider[] = [...new Set([...named, ...choosing.providers, ...running.providers])];
  const next = chosen === "" ? [] : [chosen, ...all.filter((one) => one !== chosen)];
  const [byOrder] = running.providers;
  const choices = all.map((one) => [one, upper(providerNames[one])] as const);
  const line = (sign: string, providers: readonly string[]): string =>
    `${sign}  providers: ${JSON.stringify(providers).replaceAll(",", ", ")},\n`;
  const before = named.length === 0 ? "" : line("-", named);
  const patch = ` createPolicy(schema, {\n${before}${line("+", next)} });\n`;
  return (
    <section aria-label="Default mode" className="default-mode">
      <h2>Default mode</h2>
      <p className="hint">
        Fields of Query, Mutation and Subscription without rules are open to its callers.{" "}
        {named.length === 0 &&
          byOrder !== undefined &&
          `The policy of this server names no providers, so they are open to the first one of its rules: ${providerNames[byOrder]}. Choose one, so that the order of the rules does not matter.`}
      </p>
      <Select<Provider | "">
        label="Default"
        value={chosen}
        choices={named.length === 0 ? [["", "Not set"], ...choices] : choices}
        set={setChosen}
      />
      {chosen !== "" && chosen !== named[0] && (
        <>
          <p>The default is set in the code of the server. Change this line:</p>
          <Patch patch={patch} label="The line that sets the default mode" />
          <p className="row">
            <CopyButton text={line("", next).trim()} done="The line was copied.">
              Copy the line
            </CopyButton>
          </p>
          <Meaning providers={next} />
          {draft.policy === undefined && (
            <p className="hint">Fix the errors in the text to see what it changes.</p>
          )}
        </>
      )}
    </section>
  );
}

function Meaning({ providers }: { readonly providers: readonly Provider[] }): ReactNode {
  const { draft, options } = useStore();
  const { policy } = draft;
  if (policy === undefined) return null;
  const after = attempt(() => createPolicy(policy.schema, { ...options, providers }));
  if (after instanceof Error) return <p className="notice bad">{after.message}</p>;
  return <Sentences diff={difference(policy, after)} policies={[after, policy]} />;
}
