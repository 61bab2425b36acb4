import type { Auth, IdentityBase, ListOperation, Policy, Question, Values } from "@authmodes/core";
import { policyOf as servedPolicy } from "@authmodes/core/inspect";
import { missing } from "../again.ts";
import { type Io, printable, UsageError } from "../io.ts";
import { asObject, defined, parseJson } from "../values.ts";
import { loadSchemas } from "../load/schema.ts";
import { readText } from "../files.ts";

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
  readonly question: Question;
}

const operations = ["create", "get", "list", "search", "sync", "listen", "update", "delete"] as const;

/** @throws UsageError with what to write instead */
export async function rulesQuestion(
  options: DecisionOptions,
  auth: Auth | undefined,
  io: Io,
): Promise<RulesQuestion | undefined> {
  const { model, operation } = options;
  if (model === undefined && operation === undefined) return undefined;
  if (model === undefined) throw missing("Name the model too", io, "--model", "Book");
  if (operation === undefined) throw missing("Name the operation too", io, "--operation", "get");
  const known = operations.find((one) => one === (operation === "read" ? "get" : operation));
  if (known === undefined) {
    throw new UsageError(
      `There is no operation '${printable(operation)}'; it is one of ${operations.join(", ")}`,
    );
  }
  const policy = await policyOf(options, auth, io);
  try {
    policy.fields(model);
  } catch (error) {
    throw new UsageError(error instanceof Error ? printable(error.message) : String(error), { cause: error });
  }
  const record = await values(options.record, "--record", io);
  const input = await values(options.input, "--input", io);
  return { policy, question: { model, operation: known, ...defined({ record, input }) } };
}

async function policyOf({ schema }: DecisionOptions, auth: Auth | undefined, io: Io): Promise<Policy> {
  if (schema !== undefined) {
    const [loaded] = await loadSchemas([schema], io);
    return loaded.policy;
  }
  const served = auth && servedPolicy(auth);
  if (served !== undefined) return served;
  throw missing("There are no rules to ask", io, "--schema", "schema.graphql");
}

async function values(path: string | undefined, option: string, io: Io): Promise<Values | undefined> {
  if (path === undefined) return undefined;
  const value = asObject(parseJson(await readText(path, io)));
  if (value === undefined) throw new UsageError(`${option} ${printable(path)} holds no object of JSON`);
  return value;
}

const isList = (operation: string): operation is ListOperation => /^(?:list|search|sync)$/.test(operation);

/** @param isVerified whether the caller was authenticated */
export function decisionOf(
  { policy, question }: RulesQuestion,
  identity: IdentityBase | undefined,
  isVerified: boolean,
): DecisionReport {
  const asked = `${question.operation} ${question.model}${isVerified ? "" : ", if the credentials were valid"}`;
  if (identity === undefined) {
    const explanation = "the request was rejected, so the rules are not asked";
    return { question: asked, verdict: "not asked", explanation };
  }
  const { model, operation, record } = question;
  const decision =
    isList(operation) && record === undefined
      ? policy.list(identity, { model, operation })
      : policy.decide(identity, question);
  if (decision.allowed) {
    return { question: asked, verdict: "allowed", rule: decision.rule, explanation: decision.explanation };
  }
  const needs = decision.reason === "needs-record" ? "; give the record: --record record.json" : "";
  return { question: asked, verdict: "denied", explanation: `${decision.explanation}${needs}` };
}
