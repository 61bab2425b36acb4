import type { RuleSchema } from "@authmodes/rules";
import { type ReactNode, useId } from "react";
import { Check, Choice } from "../controls.tsx";

/** The fields of a model that a new rule is for. */
export function Fields({
  schema,
  type,
  fields,
  set,
}: {
  readonly schema: RuleSchema;
  readonly type: string;
  /** undefined: the model itself. */
  readonly fields: readonly string[] | undefined;
  readonly set: (fields: readonly string[] | undefined) => void;
}): ReactNode {
  const name = useId();
  const all = Object.keys(schema.models[type]?.fields ?? {});
  return (
    <fieldset>
      <legend>Fields</legend>
      <Choice name={name} checked={fields === undefined} choose={() => set(undefined)}>
        All that have no rules of their own
      </Choice>
      <Choice name={name} checked={fields !== undefined} choose={() => set([])}>
        Only some
        <span className="reason">The rules of the model do not apply to a field with rules of its own.</span>
      </Choice>
      {fields !== undefined && (
        <div className="checks tall">
          {all.map((field) => (
            <Check
              key={field}
              label={field}
              checked={fields.includes(field)}
              set={(isOn) => set(isOn ? [...fields, field] : fields.filter((other) => other !== field))}
            />
          ))}
        </div>
      )}
    </fieldset>
  );
}
