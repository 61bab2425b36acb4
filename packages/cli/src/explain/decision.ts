import { policyOf as rulesOf } from "@authmodes/core/inspect";
import type { Auth, IdentityBase, Operation, Policy, Values } from "@authmodes/core";
import { InputError, type Io, printable } from "../io.ts";
import { loadSchemas } from "../load-schema.ts";
import { readText } from "../read-file.ts";

/** The flags that ask what the rules say. */
export interface DecisionOptions {
  readonly schema?: string;
  readonly model?: string;
  readonly operation?: string;
  readonly record?: string;
  readonly input?: string;
}

export interface DecisionReport {
  readonly question: string;
  readonly verdict: "allowed" | "denied" | "not asked";
  /** The rule that decided. */
  readonly rule?: string | undefined;
  readonly explanation: string;
}

/** What is asked, checked before anything is verified. */
export interface RulesQuestion {
  readonly policy: Policy;
  readonly model: string;
  readonly operation: Operation;
  readonly record: Values | undefined;
  readonly input: Values | undefined;
}

const operations = ["create", "get", "list", "search", "sync", "listen", "update", "delete"] as const;

/** @throws InputError with what to write instead */
export async function rulesQuestion(
  options: DecisionOptions,
  auth: Auth | undefined,
  again: (...more: readonly string[]) => string,
  io: Io,
): Promise<RulesQuestion | undefined> {
  const { model, operation } = options;
  if (model === undefined && operation === undefined) return undefined;
  if (model === undefined) throw new InputError(`Name the model too. Write\n  ${again("--model", "Book")}`);
  if (operation === undefined)
    throw new InputError(`Name the operation too. Write\n  ${again("--operation", "get")}`);
  const known = operations.find((one) => one === (operation === "read" ? "get" : operation));
  if (known === undefined) {
    throw new InputError(
      `There is no operation '${printable(operation)}'; it is one of ${operations.join(", ")}`,
    );
  }
  const policy = await policyOf(options, auth, again, io);
  try {
    policy.fields(model);
  } catch (error) {
    throw new InputError(error instanceof Error ? printable(error.message) : String(error), { cause: error });
  }
  return {
    policy,
    model,
    operation: known,
    record: await values(options.record, "--record", io),
    input: await values(options.input, "--input", io),
  };
}

async function policyOf(
  { schema }: DecisionOptions,
  auth: Auth | undefined,
  again: (...more: readonly string[]) => string,
  io: Io,
): Promise<Policy> {
  if (schema !== undefined) {
    const [loaded] = await loadSchemas([schema], io);
    return loaded.policy;
  }
  const served = auth && rulesOf(auth);
  if (served !== undefined) return served;
  throw new InputError(`There are no rules to ask. Write\n  ${again("--schema", "schema.graphql")}`);
}

async function values(path: string | undefined, option: string, io: Io): Promise<Values | undefined> {
  if (path === undefined) return undefined;
  const text = await readText(path, io);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below.
  }
  throw new InputError(`${option} ${printable(path)} holds no object of JSON`);
}

/** @param isVerified whether it is proven who calls */
export function decisionOf(
  question: RulesQuestion,
  identity: IdentityBase | undefined,
  isVerified: boolean,
): DecisionReport {
  const { policy, model, operation, record, input } = question;
  const asked = `${operation} ${model}${isVerified ? "" : ", were the credentials good"}`;
  if (identity === undefined) {
    return {
      question: asked,
      verdict: "not asked",
      explanation: "nobody is let in, so the rules are not asked",
    };
  }
  const decision = policy.decide(identity, {
    model,
    operation,
    ...(record !== undefined && { record }),
    ...(input !== undefined && { input }),
  });
  if (decision.allowed) {
    return { question: asked, verdict: "allowed", rule: decision.rule, explanation: decision.explanation };
  }
  const needs = decision.reason === "needs-record" ? "; give the record: --record record.json" : "";
  return { question: asked, verdict: "denied", explanation: `${decision.explanation}${needs}` };
}
