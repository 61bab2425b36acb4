import { AuthError } from "@authmodes/next";
import { unstable_rethrow } from "next/navigation";
import { bookstore } from "../src/bookstore.ts";

/** What came of something that a visitor tried; null before. */
export type Outcome = { readonly done: string } | { readonly refused: Refusal } | null;

export interface Refusal {
  readonly status: number;
  readonly code: string;
  /** The rule. Only a sample tells it: elsewhere it is for the log. */
  readonly why: string | undefined;
  /** Under which the log has it. */
  readonly id: string | undefined;
}

/** Runs what may be refused. */
export async function outcomeOf(act: () => Promise<string>): Promise<Outcome> {
  try {
    return { done: await act() };
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
  const { status, body } = bookstore().errorReply(error, "problem");
  const { code, detail } = JSON.parse(body) as { readonly code: string; readonly detail: string };
  return { status, code, id: undefined, why: detail };
}
