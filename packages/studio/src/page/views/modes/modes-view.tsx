import { providerOfMode } from "@authmodes/rules";
import type { ReactNode } from "react";
import { namedProviders } from "../../lib/choices.ts";
import { Findings } from "../../parts/findings.tsx";
import { useForce } from "../../parts/notices.tsx";
import { useStore } from "../../store.ts";
import { DefaultMode } from "./default-mode.tsx";
import { Mode } from "./mode.tsx";

const known = [
  ["apiKey", "API key", "A key in a header, for public data and for first steps."],
  ["userPool", "Amazon Cognito user pool", "Tokens of users who signed in with the pool."],
  ["oidc", "OpenID Connect", "Tokens of any other OpenID provider."],
  ["iam", "IAM", "Requests signed with AWS-style access keys, of machines or of an identity pool."],
  ["lambda", "Lambda", "A custom authorizer: a function of yours decides."],
  ["none", "None", "Requests without credentials, on routes that accept them."],
] as const;

export function ModesView(): ReactNode {
  const { state, draft } = useStore();
  const force = useForce();
  const others = state.modes.filter(({ mode }) => known.every(([name]) => name !== mode));
  const modes = [...known, ...others.map(({ mode }) => [mode, mode, "A mode of your own."] as const)];
  const [byDefault] = namedProviders(state.running) ?? [];
  const findings = [...state.findings, ...draft.warnings.filter(({ model }) => model === undefined)];
  const shown = findings.filter(
    (one, index) => findings.findIndex(({ message }) => message === one.message) === index,
  );
  return (
    <div className="page">
      <h1>Authorization modes</h1>
      <p className="lead">
        How callers of this server prove who they are. The code of the server sets the modes; the rules of
        each model say what callers may do.
      </p>
      {force?.isNow === false && <p className="notice bad">{force.sentence}</p>}
      <ul className="modes">
        {modes.map(([mode, name, text]) => (
          <Mode
            key={mode}
            id={mode}
            name={name}
            text={text}
            mode={state.modes.find((served) => served.mode === mode)}
            isDefault={byDefault !== undefined && providerOfMode.get(mode) === byDefault}
          />
        ))}
      </ul>
      <DefaultMode />
      {shown.length > 0 && (
        <>
          <h2>{shown.some(({ level }) => level === "error") ? "Errors and warnings" : "Warnings"}</h2>
          <Findings findings={shown} />
        </>
      )}
    </div>
  );
}
