import type { Identity } from "@authmodes/core";
import { type FormEvent, type ReactNode, useState } from "react";
import type { CallerAnswer } from "../../../api.ts";
import { type CallerForm, callerKinds } from "../../lib/callers.ts";
import { proveCaller } from "../../lib/server.ts";
import { Button, Entry, Select } from "../../parts/controls.tsx";
import { useStore } from "../../store.ts";

interface CallerProps {
  readonly form: CallerForm;
  readonly set: (form: CallerForm) => void;
  readonly proven: Identity | undefined;
  readonly setProven: (identity: Identity | undefined) => void;
}

/** The caller of the question: an example, or the owner of a pasted credential or of a request. */
export function Caller({ form, set, proven, setProven }: CallerProps): ReactNode {
  return (
    <fieldset>
      <legend>Caller</legend>
      {proven !== undefined ? (
        <div className="proven">
          <p>
            <strong>{proven.mode}</strong> {"username" in proven ? proven.username : proven.id}{" "}
            {proven.groups.length > 0 && `in ${proven.groups.join(", ")}`}
          </p>
          <Button onClick={() => setProven(undefined)}>Choose another caller</Button>
        </div>
      ) : (
        <>
          <Example form={form} set={set} />
          <Paste proven={setProven} />
        </>
      )}
    </fieldset>
  );
}

function Example({ form, set }: Pick<CallerProps, "form" | "set">): ReactNode {
  const { kind } = form;
  const isUser = kind === "userPool" || kind === "oidc";
  return (
    <>
      <Select label="Who" value={kind} choices={callerKinds} set={(next) => set({ ...form, kind: next })} />
      {(isUser || kind === "lambda") && (
        <Entry label="Name" value={form.name} set={(name) => set({ ...form, name })} />
      )}
      {isUser && <Entry label="Groups" value={form.groups} set={(groups) => set({ ...form, groups })} />}
      {kind === "iam" && <Entry label="ARN" value={form.arn} set={(arn) => set({ ...form, arn })} />}
      {kind === "lambda" && (
        <Entry
          label="Denied fields"
          placeholder="Report.profit"
          value={form.deniedFields}
          set={(deniedFields) => set({ ...form, deniedFields })}
        />
      )}
    </>
  );
}

/** Sends a credential to the server, whose modes verify it. */
function Paste({ proven }: { readonly proven: (identity: Identity) => void }): ReactNode {
  const { state, fail } = useStore();
  const [header, setHeader] = useState(state.credentialHeaders[0] ?? "");
  const [value, setValue] = useState("");
  const [refusal, setRefusal] = useState<Extract<CallerAnswer, { readonly outcome: "refused" }>>();
  if (state.credentialHeaders.length === 0) return null;
  const prove = (event: FormEvent): void => {
    event.preventDefault();
    proveCaller({ header, value: value.trim() }).then((answer) => {
      setValue("");
      if (answer.outcome === "refused") setRefusal(answer);
      else proven(answer.identity);
    }, fail);
  };
  return (
    <details>
      <summary>Or paste a token or a key</summary>
      <form className="paste" onSubmit={prove}>
        <Select label="Header" value={header} choices={state.credentialHeaders} set={setHeader} />
        <Entry
          label="Credential"
          type="password"
          value={value}
          set={(text) => {
            setValue(text);
            setRefusal(undefined);
          }}
        />
        <button type="submit" disabled={value.trim() === ""}>
          Verify
        </button>
      </form>
      {refusal !== undefined && (
        <p className="notice bad">
          {refusal.code}: {refusal.reason.replaceAll("_", " ")}
          {refusal.detail === null ? "" : `. ${refusal.detail}`}
        </p>
      )}
    </details>
  );
}
