import { type ReactNode, useId } from "react";
import { useStore } from "../../store.ts";
import { Check } from "../controls.tsx";

interface FieldsProps {
  readonly type: string;
  /** undefined: the model itself. */
  readonly fields: readonly string[] | undefined;
  readonly set: (fields: readonly string[] | undefined) => void;
}

/** The fields of a model that a new rule is for. */
export function Fields({ type, fields, set }: FieldsProps): ReactNode {
  const { schema } = useStore();
  const name = useId();
  const all = Object.keys(schema.models[type]?.fields ?? {});
  return (
    <fieldset>
      <legend>Fields</legend>
      <Check name={name} checked={fields === undefined} set={() => set(undefined)}>
        All that have no rules of their own
      </Check>
      <Check name={name} checked={fields !== undefined} set={() => set([])}>
        Only some
        <span className="reason">The rules of the model do not apply to a field with rules of its own.</span>
      </Check>
      {fields !== undefined && (
        <div className="checks tall">
          {all.map((field) => (
            <Check
              key={field}
              checked={fields.includes(field)}
              set={(isOn) => set(isOn ? [...fields, field] : fields.filter((other) => other !== field))}
            >
              {field}
            </Check>
          ))}
        </div>
      )}
    </fieldset>
  );
}
