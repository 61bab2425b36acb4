import type { Identity } from "@authmodes/core";
import type { Decision, Operation, Policy, Question, Values } from "@authmodes/rules";
import { type FormEvent, type ReactNode, useMemo, useState } from "react";
import type { CallerAnswer } from "../../../api.ts";
import {
  type CallerForm,
  type CallerKind,
  callerKinds,
  firstCaller,
  identityOf,
  sampleRecord,
} from "../../lib/callers.ts";
import { proveCaller } from "../../lib/server.ts";
import { type Explained, explain } from "../../lib/why.ts";
import { Entry } from "../../parts/rule/rule-form.tsx";
import { useStore } from "../../store.ts";

const operations: readonly Operation[] = [
  "get",
  "list",
  "create",
  "update",
  "delete",
  "search",
  "listen",
  "sync",
];

type RecordChoice = "theirs" | "other" | "none" | "unknown";
const recordChoices: readonly (readonly [RecordChoice, string])[] = [
  ["theirs", "the caller's own"],
  ["other", "somebody else's"],
  ["none", "there is none"],
  ["unknown", "not loaded"],
];

/** Why somebody may or may not: asked of the rules as they are on the page, saved or not. */
export function WhyView(): ReactNode {
  const { draft, saved, options, isChanged } = useStore();
  const models = Object.keys(draft.policy?.schema.models ?? {});
  const [form, setForm] = useState<CallerForm>(firstCaller);
  const [pasted, setPasted] = useState<Identity>();
  const [chosen, setModel] = useState("");
  const [operation, setOperation] = useState<Operation>("get");
  const [choice, setChoice] = useState<RecordChoice>("theirs");
  const [own, setOwn] = useState<{ readonly record?: string; readonly input?: string }>({});
  const model = models.includes(chosen) ? chosen : (models[0] ?? "");
  const identity = useMemo(() => pasted ?? identityOf(form, options), [pasted, form, options]);
  const definition = draft.policy?.schema.models[model];

  if (draft.policy === undefined || definition === undefined) {
    return (
      <div className="page">
        <h1>Why</h1>
        <p className="hint">
          {draft.policy === undefined ? "The text has errors: mend them first." : "There are no models yet."}
        </p>
      </div>
    );
  }
  const sample = JSON.stringify(sampleRecord(definition, identity, choice === "theirs"), null, 2);
  const record = own.record ?? sample;
  const isWrite = operation === "create" || operation === "update";
  const input = own.input ?? JSON.stringify(sampleInput(definition.fields), null, 2);
  const change = (next: () => void): void => {
    next();
    setOwn({});
  };
  const question = questionOf(model, operation, choice, record, isWrite ? input : undefined);
  return (
    <div className="page wide">
      <h1>Why</h1>
      <p className="lead">
        Pick who asks for what, and read how the rules decide{isChanged ? ", before you save" : ""}.
      </p>
      <div className="why">
        <div className="asked">
          <Caller
            form={form}
            set={(next) => change(() => setForm(next))}
            pasted={pasted}
            setPasted={setPasted}
          />
          <fieldset>
            <legend>Asks to</legend>
            <div className="row">
              <label className="select">
                Operation
                <select
                  value={operation}
                  onChange={(event) =>
                    change(() => setOperation(operations.find((one) => one === event.target.value) ?? "get"))
                  }
                >
                  {operations.map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </select>
              </label>
              <label className="select">
                Model
                <select value={model} onChange={(event) => change(() => setModel(event.target.value))}>
                  {models.map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </select>
              </label>
              {operation !== "create" && (
                <label className="select">
                  Record
                  <select
                    value={choice}
                    onChange={(event) =>
                      change(() =>
                        setChoice(recordChoices.find(([one]) => one === event.target.value)?.[0] ?? "theirs"),
                      )
                    }
                  >
                    {recordChoices.map(([one, name]) => (
                      <option key={one} value={one}>
                        {name}
                      </option>
                    ))}
                  </select>
                </label>
              )}
            </div>
            {operation !== "create" && (choice === "theirs" || choice === "other") && (
              <Json
                label="Record, as stored"
                value={record}
                set={(text) => setOwn({ ...own, record: text })}
              />
            )}
            {isWrite && <Json label="Input" value={input} set={(text) => setOwn({ ...own, input: text })} />}
          </fieldset>
        </div>
        <div className="answered" aria-live="polite">
          {question instanceof Error ? (
            <p className="notice bad">{question.message}</p>
          ) : (
            <>
              <Answer policy={draft.policy} identity={identity} question={question} />
              {isChanged &&
                saved.policy !== undefined &&
                Object.hasOwn(saved.policy.schema.models, model) && (
                  <Before policy={saved.policy} identity={identity} question={question} />
                )}
            </>
          )}
        </div>
      </div>
    </div>
  );
}

function sampleInput(fields: Readonly<Record<string, { readonly type: string }>>): Values {
  const [name = "id"] = Object.entries(fields).flatMap(([field, { type }]) =>
    type.startsWith("String") ? [field] : [],
  );
  return { [name]: "text" };
}

function questionOf(
  model: string,
  operation: Operation,
  choice: RecordChoice,
  record: string,
  input: string | undefined,
): Question | Error {
  try {
    const loaded =
      operation === "create" || choice === "unknown"
        ? {}
        : { record: choice === "none" ? null : valuesOf(record) };
    return { model, operation, ...loaded, ...(input !== undefined && { input: valuesOf(input) }) };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function valuesOf(text: string): Values {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError("Write a JSON object.");
  return value as Values;
}

function Json({
  label,
  value,
  set,
}: {
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
}): ReactNode {
  const rows = Math.min(14, value.split("\n").length + 1);
  return (
    <label className="entry">
      <span>{label}</span>
      <textarea
        className="json"
        rows={rows}
        value={value}
        onChange={(event) => set(event.target.value)}
        spellCheck={false}
      />
    </label>
  );
}

function Caller({
  form,
  set,
  pasted,
  setPasted,
}: {
  readonly form: CallerForm;
  readonly set: (form: CallerForm) => void;
  readonly pasted: Identity | undefined;
  readonly setPasted: (identity: Identity | undefined) => void;
}): ReactNode {
  const { kind } = form;
  const isNamed = kind === "userPool" || kind === "oidc" || kind === "lambda";
  return (
    <fieldset>
      <legend>Caller</legend>
      {pasted !== undefined ? (
        <div className="proven">
          <p>
            <strong>{pasted.mode}</strong> {pasted.id}{" "}
            {pasted.groups.length > 0 && `in ${pasted.groups.join(", ")}`}
          </p>
          <button type="button" onClick={() => setPasted(undefined)}>
            Choose another caller
          </button>
        </div>
      ) : (
        <>
          <label className="select">
            Who
            <select
              value={kind}
              onChange={(event) => set({ ...form, kind: event.target.value as CallerKind })}
            >
              {Object.entries(callerKinds).map(([one, name]) => (
                <option key={one} value={one}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          {isNamed && <Entry label="Name" value={form.name} set={(name) => set({ ...form, name })} />}
          {(kind === "userPool" || kind === "oidc") && (
            <Entry label="Groups" value={form.groups} set={(groups) => set({ ...form, groups })} />
          )}
          {kind === "iam" && <Entry label="ARN" value={form.arn} set={(arn) => set({ ...form, arn })} />}
          {kind === "lambda" && (
            <Entry
              label="Denied fields"
              placeholder="Report.profit"
              value={form.deniedFields}
              set={(deniedFields) => set({ ...form, deniedFields })}
            />
          )}
          <Paste proven={setPasted} />
        </>
      )}
    </fieldset>
  );
}

/** A credential goes to the server, whose modes verify it, and nowhere else. */
function Paste({ proven }: { readonly proven: (identity: Identity) => void }): ReactNode {
  const { state, tell } = useStore();
  const [header, setHeader] = useState(state.credentialHeaders[0] ?? "");
  const [value, setValue] = useState("");
  const [refusal, setRefusal] = useState<Extract<CallerAnswer, { readonly outcome: "refused" }>>();
  if (state.credentialHeaders.length === 0) return null;
  const prove = (event: FormEvent): void => {
    event.preventDefault();
    proveCaller({ header, value: value.trim() }).then(
      (answer) => {
        setValue("");
        if (answer.outcome === "refused") setRefusal(answer);
        else proven(answer.identity);
      },
      (error: unknown) => tell({ kind: "bad", text: error instanceof Error ? error.message : String(error) }),
    );
  };
  return (
    <details>
      <summary>Or paste a token or a key</summary>
      <form className="paste" onSubmit={prove}>
        <label className="select">
          Header
          <select value={header} onChange={(event) => setHeader(event.target.value)}>
            {state.credentialHeaders.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label className="entry">
          <span>Credential</span>
          <input
            type="password"
            value={value}
            autoComplete="off"
            onChange={(event) => {
              setValue(event.target.value);
              setRefusal(undefined);
            }}
          />
        </label>
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

interface Asked {
  readonly policy: Policy;
  readonly identity: Identity;
  readonly question: Question;
}

function explained({ policy, identity, question }: Asked): Explained | Error {
  try {
    return explain(policy, identity, question);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function Answer(asked: Asked): ReactNode {
  const result = explained(asked);
  if (result instanceof Error) return <p className="notice bad">{result.message}</p>;
  const { decision, steps } = result;
  return (
    <>
      <Verdict decision={decision} />
      <h2>Rule by rule</h2>
      <ol className="steps">
        {steps.map(({ role, who, decision: step }) => (
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
                {step.explanation}
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

function Verdict({ decision }: { readonly decision: Decision }): ReactNode {
  return (
    <div className={decision.allowed ? "verdict yes" : "verdict no"}>
      <p className="big">{decision.allowed ? "Allowed" : "Refused"}</p>
      <p>{decision.explanation}</p>
      <dl>
        {decision.allowed ? (
          <>
            <Fact name="by" value={decision.rule} />
            <Fact name="fields that are null" value={decision.nullFields.join(", ")} />
            <Fact name="written besides" value={textOf(decision.writes)} />
            <Fact
              name="events sent"
              value={decision.filter.kind === "always" ? "" : JSON.stringify(decision.filter)}
            />
          </>
        ) : (
          <>
            <Fact name="reason" value={decision.reason} />
            <Fact name="fields refused" value={decision.deniedFields.join(", ")} />
            <Fact name="answered as" value={decision.missing ? "no such record" : "forbidden"} />
          </>
        )}
      </dl>
    </div>
  );
}

function textOf(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    .join(", ");
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): ReactNode {
  if (value === "") return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Before({ policy, identity, question }: Asked): ReactNode {
  const before = explained({ policy, identity, question });
  if (before instanceof Error) return null;
  const { decision } = before;
  return (
    <p className="hint">
      As saved: <strong>{decision.allowed ? "allowed" : "refused"}</strong>. {decision.explanation}
    </p>
  );
}
