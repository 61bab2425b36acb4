import type { IssuerDescription, ModeDescription } from "@authmodes/core";
import { providerOfMode } from "@authmodes/rules";
import type { ReactNode } from "react";
import { Facts } from "../parts/facts.tsx";
import { Findings } from "../parts/findings.tsx";
import { useStore } from "../store.ts";

const known = [
  ["apiKey", "API key", "A key in a header. For guests, and for first steps."],
  ["userPool", "Amazon Cognito user pool", "Tokens of users who signed in with the pool."],
  ["oidc", "OpenID Connect", "Tokens of any other OpenID provider."],
  ["iam", "IAM", "Requests signed with access keys, of machines and of an identity pool."],
  ["lambda", "Lambda", "Your own authorizer decides."],
  ["none", "None", "Callers without credentials, where a route lets them in."],
] as const;

export function ModesView(): ReactNode {
  const { state, draft } = useStore();
  const others = state.modes.filter(({ mode }) => known.every(([name]) => name !== mode));
  const modes = [...known, ...others.map(({ mode }) => [mode, mode, "A mode of your own."] as const)];
  const byDefault = state.running?.providers[0];
  const findings = [...state.findings, ...draft.warnings.filter(({ model }) => model === undefined)];
  const told = findings.filter(
    (one, index) => findings.findIndex(({ message }) => message === one.message) === index,
  );
  return (
    <div className="page">
      <h1>Authorization modes</h1>
      <p className="lead">
        How callers of this server prove who they are. The modes are set in the code of the server; the rules
        of each model say what they open.
      </p>
      {state.running?.stale === true && (
        <p className="notice bad">
          The running server decides by other rules than those of the file. They hold once it is started anew.
        </p>
      )}
      <ul className="modes">
        {modes.map(([mode, name, text]) => (
          <Mode
            key={mode}
            name={name}
            text={text}
            mode={state.modes.find((served) => served.mode === mode)}
            isDefault={byDefault !== undefined && providerOfMode.get(mode) === byDefault}
          />
        ))}
      </ul>
      {told.length > 0 && (
        <>
          <h2>Warnings</h2>
          <Findings findings={told} />
        </>
      )}
      {state.running === null && (
        <p className="hint">
          The auth of this server was given no rules, so that the page shows those of the file alone.
        </p>
      )}
    </div>
  );
}

function Mode({
  name,
  text,
  mode,
  isDefault,
}: {
  readonly name: string;
  readonly text: string;
  readonly mode: ModeDescription | undefined;
  readonly isDefault: boolean;
}): ReactNode {
  return (
    <li className={mode === undefined ? "mode off" : "mode"}>
      <h2>
        {name}
        <span className={mode === undefined ? "badge" : "badge on"}>{mode === undefined ? "off" : "on"}</span>
        {isDefault && <span className="badge default">default</span>}
      </h2>
      <p className="hint">{text}</p>
      <Facts of={Object.entries(mode?.settings ?? {})} />
      {mode?.issuers.filter(isTelling).map((issuer) => (
        <Issuer key={issuer.issuer} issuer={issuer} />
      ))}
      {mode?.issuers
        .filter((issuer) => !isTelling(issuer))
        .map((issuer) => (
          <details key={issuer.issuer} className="other-form">
            <summary>The form of the issuer that replicated pools have</summary>
            <Issuer issuer={issuer} />
          </details>
        ))}
    </li>
  );
}

/** A pool writes one of two issuers: that one of them has no keys is as it should be. */
function isTelling({ issuer, keys }: IssuerDescription): boolean {
  return keys.fetchedAt !== null || !issuer.startsWith("https://issuer-cognito-idp.");
}

function Issuer({ issuer: { issuer, settings, keys } }: { readonly issuer: IssuerDescription }): ReactNode {
  const { state } = useStore();
  return (
    <div className="issuer">
      <h3>{issuer}</h3>
      <Facts of={Object.entries(settings)} />
      <p className={keys.trouble === null ? "keys" : "keys bad"}>
        {keysInWords(keys, state.now)}
        {keys.trouble !== null && <span className="reason">The last fetch failed: {keys.trouble}</span>}
      </p>
      {[...new Set(keys.skipped)].map((skipped) => (
        <p key={skipped} className="keys bad">
          Skipped: {skipped}
        </p>
      ))}
    </div>
  );
}

function keysInWords({ count, fetchedAt, usable }: IssuerDescription["keys"], now: number): string {
  if (fetchedAt === null) return "Keys not fetched yet: the first token brings them.";
  const keys = count === 1 ? "1 key" : `${count} keys`;
  const age = `fetched ${ageInWords(now - fetchedAt)} ago`;
  return usable ? `${keys}, ${age}` : `${keys}, ${age}: too old to count`;
}

export function ageInWords(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
