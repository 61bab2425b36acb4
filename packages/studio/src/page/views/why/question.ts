import { type Operation, readOperations } from "@authmodes/rules";
import { useEffect, useRef, useState } from "react";
import { type CallerForm, callerKinds, firstCaller } from "../../lib/callers.ts";
import { go } from "../../route.ts";

// The question of the view, as the address has it: a link to it asks the same again.

export const operations: readonly Operation[] = [...readOperations, "create", "update", "delete"];

export const recordChoices = [
  ["theirs", "the caller's own"],
  ["other", "another user's"],
  ["none", "does not exist"],
  ["unknown", "not loaded"],
] as const;

export interface AskedForm {
  readonly caller: CallerForm;
  readonly operation: Operation;
  readonly model: string;
  readonly choice: (typeof recordChoices)[number][0];
  /** JSON as it was typed; undefined for a sample. */
  readonly record: string | undefined;
  readonly input: string | undefined;
  /** The id of a request whose caller and record are asked about. */
  readonly request: string | undefined;
}

export function formOf(query: string): AskedForm {
  const asked = new URLSearchParams(query);
  const text = (name: string): string | undefined => asked.get(name) ?? undefined;
  const [kind] = callerKinds.find(([name]) => name === asked.get("who")) ?? [firstCaller.kind];
  const [choice] = recordChoices.find(([name]) => name === asked.get("record")) ?? ["theirs" as const];
  return {
    caller: {
      kind,
      name: text("name") ?? firstCaller.name,
      groups: text("groups") ?? firstCaller.groups,
      arn: text("arn") ?? firstCaller.arn,
      deniedFields: text("deniedFields") ?? firstCaller.deniedFields,
    },
    operation: operations.find((one) => one === asked.get("operation")) ?? "get",
    model: text("model") ?? "",
    choice,
    record: text("stored"),
    input: text("input"),
    request: text("request"),
  };
}

/** Leaves out defaults, and the data of a request, which stays on the server. */
export function queryOf(form: AskedForm): string {
  const { request } = form;
  if (request !== undefined) return new URLSearchParams({ request }).toString();
  const usual = textsOf(formOf(""));
  const said = Object.entries(textsOf(form)).flatMap(([name, value]) =>
    value === undefined || value === usual[name] ? [] : [[name, value]],
  );
  return new URLSearchParams(said).toString();
}

function textsOf(form: AskedForm): Readonly<Record<string, string | undefined>> {
  const { caller, operation, model, choice, record, input } = form;
  const { kind, ...others } = caller;
  return { who: kind, ...others, operation, model, record: choice, stored: record, input };
}

/** Browsers limit how often a page may change its address. Milliseconds. */
const rest = 300;

/** The form, kept in the address: what is typed appears there after a moment. */
export function useForm(query: string): readonly [form: AskedForm, set: (form: AskedForm) => void] {
  const [form, setForm] = useState(() => formOf(query));
  const written = useRef(query);
  useEffect(() => {
    // The back button, or a link.
    if (query === written.current) return;
    written.current = query;
    setForm(formOf(query));
  }, [query]);
  useEffect(() => {
    const next = queryOf(form);
    if (next === written.current) return undefined;
    const timer = setTimeout(() => {
      written.current = next;
      go({ view: "why", query: next }, true);
    }, rest);
    return () => clearTimeout(timer);
  }, [form]);
  return [form, setForm];
}
