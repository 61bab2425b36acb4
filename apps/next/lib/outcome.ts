import { errorReply } from "@authmodes/app-shared/answers";
import { AuthError } from "@authmodes/next";
import { unstable_rethrow } from "next/navigation";

/** The outcome of an attempt; null before it. */
export type Outcome = Done | { readonly refused: Refusal } | null;

export interface Done {
  readonly done: string;
  /** The rule that allowed it; undefined for lists, which rules filter. */
  readonly why: string | undefined;
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  /** The rule. Only a sample shows it: it belongs in the log. */
  readonly why: string | undefined;
  /** Leads to the rejection in the log. */
  readonly id: string | undefined;
}

/** Runs an attempt that rules may deny. */
export async function outcomeOf(act: () => Promise<Done>): Promise<Outcome> {
  try {
    return await act();
  } catch (error) {
    return { refused: refusalOf(error) };
  }
}

export function refusalOf(error: unknown): Refusal {
  unstable_rethrow(error);
  if (error instanceof AuthError) {
    const { status, code, id } = error;
    return { status, code, id, why: error.detail ?? error.message };
  }
  const { status, body } = errorReply(error, "problem");
  const { code, detail } = JSON.parse(body) as { readonly code: string; readonly detail: string };
  return { status, code, id: undefined, why: detail };
}
