import type {
  AuthRule,
  Finding,
  Operation,
  Provider,
  RuleCondition,
  RuleSchema,
  Strategy,
} from "@authmodes/rules";
import { printRule, type RulesPlace } from "@authmodes/rules/sdl";
import { type FormEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { objections, objectionsTo, rulesAt } from "../../lib/choices.ts";
import { type Draft, draftOf, ruleOf, withStrategy } from "../../lib/draft.ts";
import { columns, providerNames, readOperations, ruleInWords } from "../../lib/words.ts";
import { useStore } from "../../store.ts";

const strategies: readonly (readonly [Strategy, string, string])[] = [
  ["owner", "Owner", "whom the record itself names"],
  ["groups", "Group", "members of groups, or of those that the record names"],
  ["private", "Private", "everybody who is signed in"],
  ["public", "Public", "everybody with an API key, or every guest"],
  ["custom", "Custom", "whom your Lambda authorizer admits"],
];

const providers: readonly Provider[] = ["apiKey", "userPools", "oidc", "identityPool", "function"];

export function RuleForm({
  schema,
  at,
  index,
  done,
  apply,
}: {
  readonly schema: RuleSchema;
  readonly at: RulesPlace;
  /** Which rule is changed; undefined: a new one. */
  readonly index: number | undefined;
  readonly done: () => void;
  /** @param fields that the rule is for, instead of the place */
  readonly apply: (rule: AuthRule, fields: readonly string[]) => void;
}): ReactNode {
  const { choosing } = useStore();
  const old = rulesAt(schema, at) ?? [];
  const [draft, setDraft] = useState(() => draftOf(index === undefined ? undefined : old[index]));
  const [onFields, setOnFields] = useState<readonly string[] | undefined>();
  const form = useRef<HTMLFormElement>(null);
  const rule = ruleOf(draft);
  const places = onFields === undefined ? [at] : onFields.map((field) => ({ type: at.type, field }));
  const isModel = Object.hasOwn(schema.models, at.type);
  const wrong = useMemo(
    () =>
      places.flatMap((place) => {
        const rules = rulesAt(schema, place) ?? [];
        const next = index === undefined ? [...rules, rule] : rules.with(index, rule);
        return objections(schema, place, next, choosing);
      }),
    // What the rule says is what counts, not which object says it.
    [schema, printRule(rule), JSON.stringify(places), choosing],
  );
  const problems = onFields?.length === 0 ? [noField, ...wrong] : wrong;

  useEffect(() => {
    form.current?.scrollIntoView({ block: "nearest" });
    form.current?.querySelector<HTMLInputElement>("input:checked")?.focus({ preventScroll: true });
  }, []);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (problems.length === 0) apply(rule, onFields ?? []);
  };
  const place: RulesPlace = onFields?.[0] === undefined ? at : { type: at.type, field: onFields[0] };
  const objectionTo = (trial: AuthRule): Finding | undefined =>
    objectionsTo(schema, place, trial, choosing)[0];

  return (
    <form
      ref={form}
      className="rule-form"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === "Escape") done();
      }}
      aria-label={index === undefined ? "New rule" : "Change the rule"}
    >
      <Strategies draft={draft} set={setDraft} objectionTo={objectionTo} />
      <Providers draft={draft} set={setDraft} objectionTo={objectionTo} />
      {draft.allow === "owner" && <OwnerParts draft={draft} set={setDraft} schema={schema} type={at.type} />}
      {draft.allow === "groups" && <GroupParts draft={draft} set={setDraft} schema={schema} type={at.type} />}
      {draft.allow === "public" && draft.provider === "identityPool" && (
        <label className="check">
          <input
            type="checkbox"
            checked={draft.includeSignedIn}
            onChange={(event) => setDraft({ ...draft, includeSignedIn: event.target.checked })}
          />
          Signed-in users of the pool too
        </label>
      )}
      <Operations draft={draft} set={setDraft} objectionTo={objectionTo} />
      {(draft.allow === "owner" || draft.allow === "groups") && <Conditions draft={draft} set={setDraft} />}
      {index === undefined && at.field === undefined && isModel && (
        <Fields schema={schema} type={at.type} fields={onFields} set={setOnFields} />
      )}
      <div className="finish">
        <div className="preview">
          <p>{ruleInWords(rule)}</p>
          <code>{printRule(rule)}</code>
        </div>
        {problems.length > 0 && (
          <ul className="objections" role="alert">
            {problems.map(({ message, mend }) => (
              <li key={message}>
                {message} <span className="mend">{mend}</span>
              </li>
            ))}
          </ul>
        )}
        <div className="row">
          <button type="submit" className="primary" disabled={problems.length > 0}>
            {index === undefined ? "Add rule" : "Apply"}
          </button>
          <button type="button" onClick={done}>
            Cancel
          </button>
        </div>
      </div>
    </form>
  );
}

const noField: Finding = {
  code: "no-field",
  level: "error",
  message: "No field is chosen.",
  mend: "choose one",
};

interface Part {
  readonly draft: Draft;
  readonly set: (draft: Draft) => void;
}

interface Judged extends Part {
  readonly objectionTo: (rule: AuthRule) => Finding | undefined;
}

/** A rule with what its strategy cannot do without. */
function trialOf(allow: Strategy, provider: Provider): AuthRule {
  return { allow, provider, ...(allow === "groups" && { groups: ["Group"] }) };
}

function Strategies({ draft, set, objectionTo }: Judged): ReactNode {
  const name = useId();
  return (
    <fieldset>
      <legend>Who</legend>
      {strategies.map(([allow, title, text]) => {
        const reasons = providers.map((provider) => objectionTo(trialOf(allow, provider)));
        const reason = reasons.includes(undefined)
          ? undefined
          : reasons.find((finding) => finding?.code !== "provider-of-strategy");
        return (
          <label key={allow} className={reason === undefined ? "choice" : "choice impossible"}>
            <input
              type="radio"
              name={name}
              value={allow}
              checked={draft.allow === allow}
              disabled={reason !== undefined}
              onChange={() => set(possible(withStrategy(draft, allow), objectionTo))}
            />
            <span>
              <strong>{title}</strong> {text}
              {reason !== undefined && <span className="reason">{reason.message}</span>}
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}

/** Where the provider that goes with a strategy is not served, the first one that is. */
function possible(draft: Draft, objectionTo: Judged["objectionTo"]): Draft {
  if (objectionTo(trialOf(draft.allow, draft.provider)) === undefined) return draft;
  const provider = providers.find((one) => objectionTo(trialOf(draft.allow, one)) === undefined);
  return provider === undefined ? draft : { ...draft, provider };
}

function Providers({ draft, set, objectionTo }: Judged): ReactNode {
  const name = useId();
  const told = useId();
  const judged = providers.map((provider) => ({
    provider,
    reason: objectionTo(trialOf(draft.allow, provider)),
  }));
  const reasons = new Set(judged.flatMap(({ reason }) => (reason === undefined ? [] : [reasonOf(reason)])));
  return (
    <fieldset>
      <legend>Proven by</legend>
      <div className="choices">
        {judged.map(({ provider, reason }) => (
          <label key={provider} className={reason === undefined ? "choice" : "choice impossible"}>
            <input
              type="radio"
              name={name}
              value={provider}
              checked={draft.provider === provider}
              disabled={reason !== undefined}
              aria-describedby={reason === undefined ? undefined : told}
              onChange={() => set({ ...draft, provider, spellsProvider: true })}
            />
            <span>{upper(providerNames[provider])}</span>
          </label>
        ))}
      </div>
      <div id={told} className="reasons">
        {[...reasons].map((reason) => (
          <span key={reason} className="reason">
            {reason}
          </span>
        ))}
      </div>
    </fieldset>
  );
}

/** What several choices have in common is said once. */
function reasonOf({ message }: Finding): string {
  return message.replace(/, but found '\w+' assigned\.$/, ".");
}

function upper(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function Operations({ draft, set, objectionTo }: Judged): ReactNode {
  const { everything, operations } = draft;
  const isFine = operations.some((operation) => readOperations.some((read) => read === operation));
  const reason = objectionTo({ ...trialOf(draft.allow, draft.provider), operations: ["read"] });
  const fineReason = objectionTo({ ...trialOf(draft.allow, draft.provider), operations: ["get"] });
  const toggle = (operation: Operation | "read", isOn: boolean): void => {
    const kept = operations.filter(
      (other) => other !== operation && !(operation === "read" && isReading(other)),
    );
    const all = isOn
      ? [...kept.filter((other) => !(isReading(operation) && other === "read")), operation]
      : kept;
    set({ ...draft, operations: inOrder(all) });
  };
  return (
    <fieldset>
      <legend>May</legend>
      <label className="check">
        <input
          type="checkbox"
          checked={everything}
          onChange={(event) => set({ ...draft, everything: event.target.checked })}
        />
        do everything
      </label>
      {!everything && (
        <div className="checks">
          {columns.map((operation) => (
            <label key={operation} className={reason === undefined ? "check" : "check impossible"}>
              <input
                type="checkbox"
                checked={operations.includes(operation)}
                disabled={reason !== undefined}
                onChange={(event) => toggle(operation, event.target.checked)}
              />
              {operation}
            </label>
          ))}
        </div>
      )}
      {!everything && reason !== undefined && <span className="reason">{reason.message}</span>}
      {!everything && reason === undefined && (
        <details open={isFine}>
          <summary>Only some kinds of reading</summary>
          <div className="checks">
            {readOperations.map((operation) => (
              <label key={operation} className={fineReason === undefined ? "check" : "check impossible"}>
                <input
                  type="checkbox"
                  checked={operations.includes(operation)}
                  disabled={fineReason !== undefined}
                  onChange={(event) => toggle(operation, event.target.checked)}
                />
                {operation}
              </label>
            ))}
          </div>
          {fineReason !== undefined && <span className="reason">{fineReason.message}</span>}
        </details>
      )}
    </fieldset>
  );
}

function isReading(operation: string): boolean {
  return readOperations.some((read) => read === operation);
}

const order = ["create", "read", ...readOperations, "update", "delete"] as const;

function inOrder(operations: readonly (Operation | "read")[]): readonly (Operation | "read")[] {
  return order.filter((operation) => operations.includes(operation));
}

interface FieldPart extends Part {
  readonly schema: RuleSchema;
  readonly type: string;
}

function OwnerParts({ draft, set, schema, type }: FieldPart): ReactNode {
  return (
    <>
      <Entry
        label="Owner field"
        value={draft.ownerField}
        placeholder="owner"
        options={textFields(schema, type)}
        set={(ownerField) => set({ ...draft, ownerField })}
      />
      <Entry
        label="Claim that names the caller"
        value={draft.identityClaim}
        placeholder="sub::username"
        options={["sub::username", "sub", "username", "email"]}
        set={(identityClaim) => set({ ...draft, identityClaim })}
      />
    </>
  );
}

function GroupParts({ draft, set, schema, type }: FieldPart): ReactNode {
  const name = useId();
  return (
    <>
      <fieldset>
        <legend>Groups</legend>
        {(
          [
            ["name", "These groups"],
            ["field", "The groups that the record names"],
          ] as const
        ).map(([by, title]) => (
          <label key={by} className="choice">
            <input
              type="radio"
              name={name}
              checked={draft.groupsBy === by}
              onChange={() => set({ ...draft, groupsBy: by })}
            />
            <span>{title}</span>
          </label>
        ))}
      </fieldset>
      {draft.groupsBy === "name" ? (
        <Entry
          label="Group names, with commas between"
          value={draft.groups}
          placeholder="Librarians, Poets"
          options={groupsIn(schema)}
          set={(groups) => set({ ...draft, groups })}
        />
      ) : (
        <Entry
          label="Field that holds the groups"
          value={draft.groupsField}
          placeholder="groups"
          options={textFields(schema, type)}
          set={(groupsField) => set({ ...draft, groupsField })}
        />
      )}
      <Entry
        label="Claim that lists the caller's groups"
        value={draft.groupClaim}
        placeholder="cognito:groups"
        options={["cognito:groups", "groups", "roles"]}
        set={(groupClaim) => set({ ...draft, groupClaim })}
      />
    </>
  );
}

function textFields(schema: RuleSchema, type: string): readonly string[] {
  return Object.entries(schema.models[type]?.fields ?? {})
    .filter(([, field]) => /^\[?(?:String|ID)!?\]?!?$/.test(field.type))
    .map(([name]) => name);
}

function groupsIn({ models }: RuleSchema): readonly string[] {
  const rules = Object.values(models).flatMap(({ rules: own = [], fields }) => [
    ...own,
    ...Object.values(fields).flatMap((field) => field.rules ?? []),
  ]);
  return [...new Set(rules.flatMap(({ groups = [] }) => groups))];
}

export function Entry({
  label,
  value,
  set,
  placeholder,
  options = [],
}: {
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly placeholder?: string;
  readonly options?: readonly string[];
}): ReactNode {
  const list = useId();
  return (
    <label className="entry">
      <span>{label}</span>
      <input
        value={value}
        placeholder={placeholder}
        list={options.length > 0 ? list : undefined}
        onChange={(event) => set(event.target.value)}
        autoComplete="off"
        spellCheck={false}
      />
      {options.length > 0 && (
        <datalist id={list}>
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </label>
  );
}

/** Beyond Amplify: owner AND group. */
function Conditions({ draft, set }: Part): ReactNode {
  const { allOf } = draft;
  const change = (index: number, condition: RuleCondition | undefined): void => {
    const next = allOf.flatMap((one, i) =>
      i !== index ? [one] : condition === undefined ? [] : [condition],
    );
    set({ ...draft, allOf: next });
  };
  const other: RuleCondition =
    draft.allow === "owner" ? { allow: "groups", groups: [] } : { allow: "owner", ownerField: "owner" };
  return (
    <fieldset>
      <legend>And only if</legend>
      {allOf.map((condition, index) => (
        // Conditions have no names.
        <div key={index} className="condition">
          {condition.allow === "groups" && condition.groupsField === undefined ? (
            <Entry
              label="also in one of these groups"
              value={[condition.groups ?? []].flat().join(", ")}
              set={(text) => change(index, { ...condition, groups: split(text) })}
            />
          ) : condition.allow === "groups" ? (
            <Entry
              label="also in a group that this field names"
              value={condition.groupsField ?? ""}
              set={(groupsField) => change(index, { ...condition, groupsField })}
            />
          ) : (
            <Entry
              label="also the owner named in"
              value={condition.ownerField ?? "owner"}
              set={(ownerField) => change(index, { ...condition, ownerField })}
            />
          )}
          <button type="button" className="quiet" onClick={() => change(index, undefined)}>
            Remove
          </button>
        </div>
      ))}
      <button type="button" className="quiet" onClick={() => set({ ...draft, allOf: [...allOf, other] })}>
        Add a condition
      </button>
    </fieldset>
  );
}

function split(text: string): readonly string[] {
  const parts = text.split(",").map((part) => part.trimStart());
  return text === "" ? [] : parts;
}

function Fields({
  schema,
  type,
  fields,
  set,
}: {
  readonly schema: RuleSchema;
  readonly type: string;
  readonly fields: readonly string[] | undefined;
  readonly set: (fields: readonly string[] | undefined) => void;
}): ReactNode {
  const name = useId();
  const all = Object.keys(schema.models[type]?.fields ?? {});
  return (
    <fieldset>
      <legend>Fields</legend>
      <label className="choice">
        <input type="radio" name={name} checked={fields === undefined} onChange={() => set(undefined)} />
        <span>All that have no rules of their own</span>
      </label>
      <label className="choice">
        <input type="radio" name={name} checked={fields !== undefined} onChange={() => set([])} />
        <span>
          Only some
          <span className="reason">A field with rules of its own takes nothing from the model's.</span>
        </span>
      </label>
      {fields !== undefined && (
        <div className="checks tall">
          {all.map((field) => (
            <label key={field} className="check">
              <input
                type="checkbox"
                checked={fields.includes(field)}
                onChange={(event) =>
                  set(event.target.checked ? [...fields, field] : fields.filter((other) => other !== field))
                }
              />
              {field}
            </label>
          ))}
        </div>
      )}
    </fieldset>
  );
}
