import { type ComponentProps, type ReactNode, type Ref, useId } from "react";

/** A button that submits no form. */
export function Button(props: ComponentProps<"button">): ReactNode {
  return <button type="button" {...props} />;
}

// Form controls, each with its label.

interface InputProps {
  readonly value: string;
  readonly set: (value: string) => void;
  readonly type?: "password" | "search" | "json";
  readonly placeholder?: string;
  /** Suggestions. */
  readonly options?: readonly string[];
  readonly "aria-label"?: string;
  readonly ref?: Ref<HTMLInputElement>;
}

export function Entry({ label, ...input }: InputProps & { readonly label: string }): ReactNode {
  return (
    <label className="entry">
      <span>{label}</span>
      <Input {...input} />
    </label>
  );
}

export function Input({ value, set, type, options = [], ...others }: InputProps): ReactNode {
  const list = useId();
  const typed = {
    value,
    onChange: ({ target }: { readonly target: { readonly value: string } }) => set(target.value),
    spellCheck: false,
  };
  if (type === "json") {
    return <textarea className="json" rows={Math.min(14, value.split("\n").length + 1)} {...typed} />;
  }
  return (
    <>
      <input
        type={type}
        list={options.length > 0 ? list : undefined}
        autoComplete="off"
        {...typed}
        {...others}
      />
      {options.length > 0 && (
        <datalist id={list}>
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </>
  );
}

export function Select<V extends string>({
  label,
  value,
  choices,
  set,
}: {
  readonly label: string;
  readonly value: V;
  /** Each with the text that is shown, if it differs. */
  readonly choices: readonly (V | readonly [value: V, text: string])[];
  readonly set: (value: V) => void;
}): ReactNode {
  const all = choices.map((choice) => (typeof choice === "string" ? ([choice, choice] as const) : choice));
  return (
    <label className="select">
      {label}
      <select
        value={value}
        onChange={({ target }) => {
          for (const [one] of all) if (one === target.value) set(one);
        }}
      >
        {all.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

interface CheckProps {
  /** Of a radio button: the others of its group have the same. */
  readonly name?: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly describedBy?: string | undefined;
  readonly set: (checked: boolean) => void;
  readonly children: ReactNode;
}

/** A check box, or with a name a radio button. */
export function Check({ name, checked, disabled, describedBy, set, children }: CheckProps): ReactNode {
  return (
    <label className={disabled === true ? "check impossible" : "check"}>
      <input
        type={name === undefined ? "checkbox" : "radio"}
        name={name}
        checked={checked}
        disabled={disabled}
        aria-describedby={describedBy}
        onChange={({ target }) => set(target.checked)}
      />
      <span>{children}</span>
    </label>
  );
}
