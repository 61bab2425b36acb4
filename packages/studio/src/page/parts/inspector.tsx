import type { AuthRule } from "@authmodes/rules";
import { printRule, removeField, type RulesPlace, setRules } from "@authmodes/rules/sdl";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { ruleBehind } from "../lib/cells.ts";
import { rootTypes } from "../lib/rights.ts";
import { rulesAt } from "../lib/schema.ts";
import { sentenceOf } from "../lib/sentences.ts";
import { type Column, type RoleWords, ruleInWords } from "../lib/words.ts";
import { go } from "../route.ts";
import { useStore } from "../store.ts";
import { CellRule } from "./cell-rule.tsx";
import { RuleForm, type RuleFormProps } from "./rule/rule-form.tsx";
import { Button } from "./controls.tsx";

interface InspectorProps {
  readonly at: RulesPlace;
  /** Of the open cell of the matrix. */
  readonly role: RoleWords | undefined;
  readonly toggle: (column: Column) => void;
}

/** Shows the rules of a model or of a field in words, and adds, changes and removes them. */
export function Inspector({ at, role, toggle }: InspectorProps): ReactNode {
  const { schema, edit } = useStore();
  const [editing, setEditing] = useState<number | "new">();
  const add = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLElement>(null);
  const { type, field } = at;
  const rules = rulesAt(schema, at);
  const isModel = Object.hasOwn(schema.models, type);
  const behind = role === undefined ? -1 : ruleBehind(rules ?? [], role.name);
  const title = field === undefined ? type : `${type}.${field}`;

  useEffect(() => {
    // On a narrow page the panel is below the matrix.
    if (field !== undefined && globalThis.innerWidth < 1100)
      panel.current?.scrollIntoView({ block: "nearest" });
  }, [field]);
  useEffect(() => {
    if (role !== undefined) panel.current?.querySelector(".cell-rule")?.scrollIntoView({ block: "nearest" });
  }, [role?.name]);

  const done = (): void => {
    // At once: later it would take the focus from an input that the user is in by then.
    flushSync(() => setEditing(undefined));
    add.current?.focus();
  };
  const set = (next: readonly AuthRule[], sentence?: string): void => {
    edit((text) => setRules(text, at, next), sentence);
  };
  const cellRule = role !== undefined && (
    <CellRule at={at} role={role} rule={rules?.[behind]} toggle={toggle} />
  );
  const apply: RuleFormProps["apply"] = (changed) => {
    const isDone = edit((text) => changed.reduce((so, [place, next]) => setRules(so, place, next), text));
    if (isDone) done();
  };

  const remove = (index: number): void => {
    set((rules ?? []).toSpliced(index, 1), "The rule was removed. Undo brings it back.");
  };

  return (
    <section ref={panel} className="inspector" aria-label={`Rules of ${title}`}>
      <h2>
        Rules of <span className="name">{title}</span>
      </h2>
      {field === undefined && !isModel && (
        <p className="hint">The fields of this type have the rules. Choose one.</p>
      )}
      {rules === undefined && field !== undefined && <Inherited at={at} set={set} />}
      {rules === undefined && field === undefined && isModel && (
        <p className="hint">No rules yet, so every request for a {type} is denied.</p>
      )}
      {behind < 0 && editing === undefined && cellRule}
      <ol className="rules">
        {rules?.map((rule, index) => (
          // Rules keep their places while their operations change.
          <li key={index} className={behind === index ? "behind" : undefined}>
            {editing === index ? (
              <RuleForm at={at} index={index} done={done} apply={apply} />
            ) : (
              <>
                <p>{ruleInWords(rule)}</p>
                <code>{printRule(rule)}</code>
                {behind === index && cellRule}
                <div className="row">
                  <Button onClick={() => setEditing(index)} aria-label={`Change: ${ruleInWords(rule)}`}>
                    Change
                  </Button>
                  <Button
                    className="quiet"
                    onClick={() => remove(index)}
                    aria-label={`Remove: ${ruleInWords(rule)}`}
                  >
                    Remove
                  </Button>
                </div>
              </>
            )}
          </li>
        ))}
      </ol>
      {editing === "new" && <RuleForm at={at} index={undefined} done={done} apply={apply} />}
      {editing === undefined && (field !== undefined || isModel) && (
        <div className="row">
          <Button ref={add} className="primary" onClick={() => setEditing("new")}>
            {field !== undefined && rules === undefined ? "Add a rule of its own" : "New rule"}
          </Button>
          {field !== undefined && rules !== undefined && (
            <Button onClick={() => set([])}>{isModel ? "Use the rules of the model" : "Remove all"}</Button>
          )}
        </div>
      )}
      {field !== undefined && (
        <Button
          className="quiet danger"
          onClick={() => {
            const sentence = `${title} was removed. Undo brings it back.`;
            if (edit((text) => removeField(text, type, field), sentence)) go({ view: "type", type });
          }}
        >
          Remove the field
        </Button>
      )}
    </section>
  );
}

interface InheritedProps {
  readonly at: RulesPlace;
  readonly set: (rules: readonly AuthRule[]) => void;
}

/** A field without rules of its own. */
function Inherited({ at, set }: InheritedProps): ReactNode {
  const { schema, objectionsTo } = useStore();
  const model = rulesAt(schema, { type: at.type }) ?? [];
  if (!Object.hasOwn(schema.models, at.type)) {
    const open = rootTypes.has(at.type) ? "Callers of the default mode may use it (see Modes)." : "";
    return <p className="hint">No rules of its own. {open}</p>;
  }
  if (model.length === 0) return <p className="hint">The rules of {at.type} apply to it, which has none.</p>;
  const [reason] = objectionsTo(at, model);
  return (
    <>
      <p className="hint">The rules of {at.type} apply to it:</p>
      <ul className="inherited">
        {model.map((rule) => (
          <li key={printRule(rule)}>{ruleInWords(rule)}</li>
        ))}
      </ul>
      <p>
        <Button disabled={reason !== undefined} onClick={() => set(model)}>
          Copy them here to change them
        </Button>
        {reason !== undefined && <span className="reason">{sentenceOf(reason)}</span>}
      </p>
    </>
  );
}
