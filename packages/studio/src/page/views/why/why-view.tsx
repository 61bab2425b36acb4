import type { Identity } from "@authmodes/core";
import {
  type FieldDefinition,
  type Operation,
  type Question,
  readOperations,
  type Values,
} from "@authmodes/rules";
import { type ReactNode, useMemo, useState } from "react";
import { attempt } from "../../lib/attempt.ts";
import { firstCaller, identityOf, sampleRecord } from "../../lib/callers.ts";
import { Entry, Select } from "../../parts/controls.tsx";
import { useStore } from "../../store.ts";
import { Answer, Before } from "./answer.tsx";
import { Caller } from "./caller.tsx";

const operations: readonly Operation[] = [...readOperations, "create", "update", "delete"];

const recordChoices = [
  ["theirs", "the caller's own"],
  ["other", "somebody else's"],
  ["none", "there is none"],
  ["unknown", "not loaded"],
] as const;
type RecordChoice = (typeof recordChoices)[number][0];

/** Why somebody may or may not: asked of the rules as they are on the page, saved or not. */
export function WhyView(): ReactNode {
  const { draft, saved, options, isChanged } = useStore();
  const models = Object.keys(draft.policy?.schema.models ?? {});
  const [form, setForm] = useState(firstCaller);
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
  const record = own.record ?? textOf(sampleRecord(definition, choice === "theirs" ? identity : undefined));
  const isWrite = operation === "create" || operation === "update";
  const input = own.input ?? textOf(sampleInput(definition.fields));
  // What was typed was about another question.
  const anew =
    <T,>(set: (value: T) => void) =>
    (value: T): void => {
      set(value);
      setOwn({});
    };
  const question = attempt((): Question => {
    const isLoaded = operation !== "create" && choice !== "unknown";
    return {
      model,
      operation,
      ...(isLoaded && { record: choice === "none" ? null : valuesOf(record) }),
      ...(isWrite && { input: valuesOf(input) }),
    };
  });
  return (
    <div className="page wide">
      <h1>Why</h1>
      <p className="lead">
        Pick who asks for what, and read how the rules decide{isChanged ? ", before you save" : ""}.
      </p>
      <div className="why">
        <div className="asked">
          <Caller form={form} set={anew(setForm)} pasted={pasted} setPasted={setPasted} />
          <fieldset>
            <legend>Asks to</legend>
            <div className="row">
              <Select label="Operation" value={operation} choices={operations} set={anew(setOperation)} />
              <Select label="Model" value={model} choices={models} set={anew(setModel)} />
              {operation !== "create" && (
                <Select label="Record" value={choice} choices={recordChoices} set={anew(setChoice)} />
              )}
            </div>
            {operation !== "create" && (choice === "theirs" || choice === "other") && (
              <Entry
                label="Record, as stored"
                type="json"
                value={record}
                set={(text) => setOwn({ ...own, record: text })}
              />
            )}
            {isWrite && (
              <Entry
                label="Input"
                type="json"
                value={input}
                set={(text) => setOwn({ ...own, input: text })}
              />
            )}
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

function sampleInput(fields: Readonly<Record<string, FieldDefinition>>): Values {
  const [name] = Object.entries(fields).find(([, { type }]) => type.startsWith("String")) ?? ["id"];
  return { [name]: "text" };
}

function textOf(values: Values): string {
  return JSON.stringify(values, null, 2);
}

function valuesOf(text: string): Values {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError("Write a JSON object.");
  return value as Values;
}
