import type { Identity } from "@authmodes/core";
import type { FieldDefinition, Question, Values } from "@authmodes/rules";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { attempt } from "../../lib/attempt.ts";
import { identityOf, sampleRecord } from "../../lib/callers.ts";
import { loadAsked } from "../../lib/server.ts";
import { Entry, Select } from "../../parts/controls.tsx";
import { useStore } from "../../store.ts";
import { Answer, Before } from "./answer.tsx";
import { Caller } from "./caller.tsx";
import { type AskedForm, operations, recordChoices, useForm } from "./question.ts";

/** Asks the rules as they are on the page, saved or not, why a caller may do something or may not. */
export function WhyView({ query }: { readonly query: string }): ReactNode {
  const { draft, saved, options, isChanged, fail } = useStore();
  const models = Object.keys(draft.policy?.schema.models ?? {});
  const [form, setForm] = useForm(query);
  const [proven, setProven] = useState<Identity>();
  const { caller, operation, choice, request } = form;
  const model = models.includes(form.model) ? form.model : (models[0] ?? "");
  const identity = useMemo(() => proven ?? identityOf(caller, options), [proven, caller, options]);
  const definition = draft.policy?.schema.models[model];
  useEffect(() => {
    if (request === undefined) return undefined;
    let isCurrent = true;
    loadAsked(request).then(
      (asked) => {
        if (!isCurrent) return;
        setProven(asked.identity as Identity);
        const { record, input } = asked;
        setForm({
          ...form,
          model: asked.model,
          operation: asked.operation,
          choice: record === null ? "none" : record === undefined ? "unknown" : "other",
          record: record ? textOf(record) : undefined,
          input: input && textOf(input),
        });
      },
      () => fail("The server no longer keeps this request. Choose a caller and a record instead."),
    );
    return () => void (isCurrent = false);
  }, [request]);

  if (draft.policy === undefined || definition === undefined) {
    return (
      <div className="page">
        <h1>Why</h1>
        <p className="hint">
          {draft.policy === undefined
            ? "The text has errors. Fix them under Schema text first."
            : "There are no models yet."}
        </p>
      </div>
    );
  }
  const record = form.record ?? textOf(sampleRecord(definition, choice === "theirs" ? identity : undefined));
  const isWrite = operation === "create" || operation === "update";
  const input = form.input ?? textOf(sampleInput(definition.fields));
  const hasRecord = operation !== "create" && (choice === "theirs" || choice === "other");
  const change = (part: Partial<AskedForm>): void => setForm({ ...form, request: undefined, ...part });
  // The typed record and input belong to the former question.
  const ask = (part: Partial<AskedForm>): void => change({ record: undefined, input: undefined, ...part });
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
        Choose a caller and what they ask for, and read how the rules decide
        {isChanged ? ", before you save" : ""}.
      </p>
      <div className="why">
        <div className="asked">
          <Caller
            form={caller}
            set={(next) => ask({ caller: next })}
            proven={proven}
            setProven={(next) => {
              setProven(next);
              change({});
            }}
          />
          <fieldset>
            <legend>Asks to</legend>
            <div className="row">
              <Select
                label="Operation"
                value={operation}
                choices={operations}
                set={(next) => ask({ operation: next })}
              />
              <Select label="Model" value={model} choices={models} set={(next) => ask({ model: next })} />
              {operation !== "create" && (
                <Select
                  label="Record"
                  value={choice}
                  choices={recordChoices}
                  set={(next) => ask({ choice: next })}
                />
              )}
            </div>
            {hasRecord && (
              <Entry
                label="Record, as stored"
                type="json"
                value={record}
                set={(text) => change({ record: text })}
              />
            )}
            {isWrite && (
              <Entry label="Input" type="json" value={input} set={(text) => change({ input: text })} />
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

function textOf(values: object): string {
  return JSON.stringify(values, null, 2);
}

function valuesOf(text: string): Values {
  const value = attempt((): unknown => JSON.parse(text));
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Error)
    throw new TypeError('This is not a JSON object. Write one, such as { "id": "1" }.');
  return value as Values;
}
