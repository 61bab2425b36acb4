import { type FormEvent, type ReactNode, useState } from "react";
import { type Refused, signInWith } from "../lib/server.ts";
import { Entry } from "../parts/controls.tsx";

/** Asks for a token, which is kept until the page is closed. */
export function SignIn({ error, retry }: { readonly error: Refused; readonly retry: () => void }): ReactNode {
  const [token, setToken] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signInWith(`Bearer ${token.trim()}`);
    setToken("");
    retry();
  };
  return (
    <main className="alone">
      <h1>authmodes studio</h1>
      <p>{error.status === 403 ? "You are not in a group that may open it." : "Give a token to open it."}</p>
      <p className="hint">{error.message}</p>
      <form onSubmit={submit}>
        <Entry label="Token" type="password" value={token} set={setToken} />
        <button type="submit" className="primary" disabled={token.trim() === ""}>
          Open
        </button>
      </form>
    </main>
  );
}
