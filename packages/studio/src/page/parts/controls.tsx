import { type ReactNode, type Ref, useId } from "react";

// Form controls, each with its label.

interface InputProps {
  readonly value: string;
  readonly set: (value: string) => void;
  readonly type?: "password" | "json";
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

export function Check({
  label,
  checked,
  disabled = false,
  set,
}: {
  readonly label: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly set: (checked: boolean) => void;
}): ReactNode {
  return (
    <label className={disabled ? "check impossible" : "check"}>
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => set(event.target.checked)}
      />
      {label}
    </label>
  );
}

/** One of several that have the same name. */
export function Choice({
  name,
  checked,
  disabled = false,
  describedBy,
  choose,
  children,
}: {
  readonly name: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly describedBy?: string | undefined;
  readonly choose: () => void;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <label className={disabled ? "choice impossible" : "choice"}>
      <input
        type="radio"
        name={name}
        checked={checked}
        disabled={disabled}
        aria-describedby={describedBy}
        onChange={choose}
      />
      <span>{children}</span>
    </label>
  );
}
