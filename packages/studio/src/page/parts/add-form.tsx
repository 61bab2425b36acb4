import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { Input } from "./controls.tsx";

interface AddFormProps {
  /** What is added: "model", "field". */
  readonly what: string;
  readonly button: string;
  /** @returns whether it was added */
  readonly add: (name: string) => boolean;
  /** Further inputs. */
  readonly children?: ReactNode;
}

/** Adds something to the schema by its name. */
export function AddForm({ what, button, add, children }: AddFormProps): ReactNode {
  const [text, setText] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const name = text.trim();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name === "" || !add(name)) return;
    setText("");
    input.current?.focus();
  };
  return (
    <form className="add" onSubmit={submit}>
      <Input
        ref={input}
        value={text}
        set={setText}
        placeholder={`New ${what}`}
        aria-label={`Name of the new ${what}`}
      />
      {children}
      <button type="submit" disabled={name === ""} aria-label={`Add ${what}`}>
        {button}
      </button>
    </form>
  );
}
