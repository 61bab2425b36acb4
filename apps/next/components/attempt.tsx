"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useActionState, useEffect } from "react";
import type { Outcome } from "../lib/outcome.ts";
import { Verdict } from "./verdict.tsx";

interface AttemptProps {
  readonly action: (before: Outcome, form: FormData) => Promise<Outcome>;
  /** The button's text. */
  readonly label: string;
  /** The button's name for screen readers. */
  readonly about?: string;
  readonly children?: ReactNode;
}

/** A form, and its outcome below. Works without JavaScript. */
export function Attempt({ action, label, about, children }: AttemptProps): ReactNode {
  const [outcome, submit, isPending] = useActionState(action, null);
  const router = useRouter();
  useEffect(() => {
    if (outcome !== null && "done" in outcome) router.refresh();
  }, [outcome, router]);
  return (
    <form action={submit} className="attempt">
      <div className="fields">
        {children}
        <button type="submit" aria-disabled={isPending} aria-label={about}>
          {label}
        </button>
      </div>
      <div role="status">{outcome !== null && <Verdict outcome={outcome} />}</div>
    </form>
  );
}
