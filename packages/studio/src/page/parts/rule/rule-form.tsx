import type { AuthRule } from "@authmodes/rules";
import { printRule, type RulesPlace } from "@authmodes/rules/sdl";
import { type FormEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { judge } from "../../lib/choices.ts";
import { type Draft, type DraftPart, draftOf, ruleOf } from "../../lib/draft.ts";
import { rulesAt } from "../../lib/schema.ts";
import { ruleInWords } from "../../lib/words.ts";
import { useStore } from "../../store.ts";
import { Button, Check } from "../controls.tsx";
import { FindingText } from "../findings.tsx";
import { Conditions } from "./conditions.tsx";
import { Fields } from "./fields.tsx";
import { Named } from "./named.tsx";
import { Operations } from "./operations.tsx";
import { Providers, Strategies } from "./who.tsx";

export interface RuleFormProps {
  readonly at: RulesPlace;
  /** Which rule is changed; undefined: a new one. */
  readonly index: number | undefined;
  readonly done: () => void;
  /** @param fields that the rule is for, instead of the place */
  /** Gets the rules of each place that the rule is for. */
  readonly apply: (changed: readonly (readonly [RulesPlace, readonly AuthRule[]])[]) => void;
}

export function RuleForm({ at, index, done, apply }: RuleFormProps): ReactNode {
  const { schema, choosing, objectionsTo } = useStore();
  const [draft, setDraft] = useState(() => draftOf(rulesAt(schema, at)?.[index ?? -1]));
  const [onFields, setOnFields] = useState<readonly string[] | undefined>();
  const form = useRef<HTMLFormElement>(null);
  const rule = ruleOf(draft);
  const { type } = at;
  const field = onFields?.[0] ?? at.field;
  const objectionTo = useMemo(
    () => judge(schema, field === undefined ? { type } : { type, field }, choosing),
    [schema, type, field, choosing],
  );
  const places = onFields?.map((name) => ({ type, field: name })) ?? [at];
  const changed = places.map((place) => {
    const rules = rulesAt(schema, place) ?? [];
    return [place, index === undefined ? [...rules, rule] : rules.with(index, rule)] as const;
  });
  const problems = changed.flatMap(([place, rules]) => objectionsTo(place, rules));
  // A new rule asks for its group before anything is wrong with it.
  const [isNamed, setNamed] = useState(index !== undefined);
  const isAsking = draft.allow === "groups" && !isNamed && namesNoGroup(draft);
  const question = isAsking
    ? draft.groupsBy === "name"
      ? "Which groups is the rule about?"
      : "Which field holds the groups?"
    : onFields?.length === 0 && "Which fields is the rule about?";
  const isReady = question === false && problems.length === 0;
  const change = (part: Partial<Draft>): void => {
    const next = { ...draft, ...part };
    setDraft(next);
    if (next.groups !== draft.groups || next.groupsField !== draft.groupsField) setNamed(true);
  };
  const part: DraftPart = { draft, change, objectionTo, type };

  useEffect(() => {
    form.current?.scrollIntoView({ block: "nearest" });
    form.current?.querySelector<HTMLInputElement>("input:checked")?.focus({ preventScroll: true });
  }, []);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady) apply(changed);
  };
  return (
    <form
      ref={form}
      className="rule-form"
      onSubmit={submit}
      onKeyDown={({ key }) => key === "Escape" && done()}
      aria-label={index === undefined ? "New rule" : "Change the rule"}
    >
      <Strategies {...part} />
      <Named {...part} />
      <Providers {...part} />
      {draft.allow === "public" && draft.provider === "identityPool" && (
        <Check checked={draft.includeSignedIn} set={(includeSignedIn) => change({ includeSignedIn })}>
          Signed-in users of the pool too
        </Check>
      )}
      <Operations {...part} />
      {(draft.allow === "owner" || draft.allow === "groups") && <Conditions {...part} />}
      {index === undefined && at.field === undefined && Object.hasOwn(schema.models, type) && (
        <Fields type={type} fields={onFields} set={setOnFields} />
      )}
      <div className="finish">
        <div className="preview">
          <p>{isAsking ? "Members of …" : ruleInWords(rule)}</p>
          {!isAsking && <code>{printRule(rule)}</code>}
        </div>
        {question !== false && <p className="hint">{question}</p>}
        {problems.length > 0 && question === false && (
          <div role="alert">
            <ul className="objections">
              {problems.map((finding) => (
                <li key={finding.message}>
                  <FindingText finding={finding} />
                </li>
              ))}
            </ul>
          </div>
        )}
        <div className="row">
          <button type="submit" className="primary" disabled={!isReady}>
            {index === undefined ? "Add rule" : "Apply"}
          </button>
          <Button onClick={done}>Cancel</Button>
        </div>
      </div>
    </form>
  );
}

function namesNoGroup({ groupsBy, groups, groupsField }: Draft): boolean {
  return (groupsBy === "name" ? groups : groupsField).trim() === "";
}
