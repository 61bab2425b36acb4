import type { IssuerDescription, ModeDescription } from "@authmodes/core";
import type { ReactNode } from "react";
import { counted } from "../../lib/words.ts";
import { Facts } from "../../parts/facts.tsx";
import { CopyButton, Patch } from "../../parts/patch.tsx";
import { useStore } from "../../store.ts";

/** What to add to the list of modes. */
const calls: Readonly<Record<string, string>> = {
  apiKey: "apiKey({ keys: (hash) => findApiKey(hash) })",
  userPool: 'userPool({ userPoolId: "us-east-1_AbCdEfGhI", clientId: "your-client-id" })',
  oidc: 'oidc({ issuer: "https://id.example.com", audience: "https://api.example.com" })',
  iam: 'iam({ region: "us-east-1", credentials: (accessKeyId) => findAccessKey(accessKeyId) })',
  lambda: "lambda({ authorizer: handler })",
  none: "none()",
};

interface ModeProps {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  /** undefined if the mode is off. */
  readonly mode: ModeDescription | undefined;
  readonly isDefault: boolean;
}

export function Mode({ id, name, text, mode, isDefault }: ModeProps): ReactNode {
  const isOn = mode !== undefined;
  return (
    <li className={isOn ? "mode" : "mode off"}>
      <h2>
        {name}
        <span className={isOn ? "badge on" : "badge"}>{isOn ? "on" : "off"}</span>
        {isDefault && <span className="badge default">default</span>}
      </h2>
      <p className="hint">{text}</p>
      <Facts of={Object.entries(mode?.settings ?? {})} />
      {mode?.issuers
        .toSorted((a, b) => Number(isOfInterest(b)) - Number(isOfInterest(a)))
        .map((issuer) => (
          <Issuer key={issuer.issuer} issuer={issuer} />
        ))}
      {!isOn && <TurnOn id={id} name={name} />}
    </li>
  );
}

function TurnOn({ id, name }: { readonly id: string; readonly name: string }): ReactNode {
  const call = calls[id] ?? `${id}()`;
  const patch = `+import { ${id} } from "@authmodes/core";\n \n const auth = createAuth([\n   // …\n+  ${call},\n ]);\n`;
  return (
    <details>
      <summary>Turn it on</summary>
      <p className="hint">Add the marked lines to the code of the server.</p>
      <Patch patch={patch} label={`Lines that turn on ${name}`} />
      <p className="row">
        <CopyButton text={`${call},`} done={`The line that turns on ${name} was copied.`}>
          Copy the line
        </CopyButton>
      </p>
    </details>
  );
}

/** A pool uses one of two issuers, so the other one has no keys. */
function isOfInterest({ issuer, keys }: IssuerDescription): boolean {
  return keys.fetchedAt !== null || !issuer.startsWith("https://issuer-cognito-idp.");
}

function Issuer({ issuer: description }: { readonly issuer: IssuerDescription }): ReactNode {
  const { state } = useStore();
  const { issuer, settings, keys } = description;
  const facts = (
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
  if (isOfInterest(description)) return facts;
  return (
    <details>
      <summary>The issuer of replicated pools</summary>
      {facts}
    </details>
  );
}

function keysInWords({ count, fetchedAt, usable }: IssuerDescription["keys"], now: number): string {
  if (fetchedAt === null) return "Keys are not fetched yet. The first token fetches them.";
  const keys = counted(count, "key");
  const age = `fetched ${ageInWords(now - fetchedAt)} ago`;
  return usable ? `${keys}, ${age}` : `${keys}, ${age}: too old to be used`;
}

function ageInWords(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
