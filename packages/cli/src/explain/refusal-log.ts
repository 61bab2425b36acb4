import { printable, UsageError } from "../io.ts";
import { checksOf } from "./checks.ts";
import type { Explanation } from "./explain.ts";
import { meaningOf } from "./reasons/meaning.ts";
import { bodyReasons } from "./reasons/shared.ts";

/** A refusal as a server's log tells it. */
export interface Refusal {
  readonly id: string;
  readonly code: string;
  readonly mode: string | undefined;
  readonly reason: string;
  readonly request: string;
  readonly detail: string | undefined;
  readonly trace: Explanation["modes"];
}

const idShape = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const line = /authmodes: (\S+) (\S+) (\S+) (\S+) (\S+) (\S*)(?: \((.*)\))?\s*$/;

export function isRefusalId(text: string): boolean {
  return idShape.test(text.trim().replace(/^urn:uuid:/, ""));
}

/**
 * Looks for a refusal in lines of `logLine()`, or in events as JSON, a line each, whatever a logger puts around them.
 * @throws UsageError where it is not there
 */
export function findRefusal(id: string, log: string, where: string): Refusal {
  const wanted = id
    .trim()
    .replace(/^urn:uuid:/, "")
    .toLowerCase();
  for (const text of log.split("\n").toReversed()) {
    if (!text.toLowerCase().includes(wanted)) continue;
    const refusal = fromLine(text) ?? fromJson(text, wanted);
    if (refusal?.id.toLowerCase() === wanted) return refusal;
  }
  throw new UsageError(
    `${printable(where)} has no refusal ${wanted}. Is it the log of the server that answered? Servers write refusals ` +
      "to stderr, unless somebody listens by auth.onEvent().",
  );
}

function fromLine(text: string): Refusal | undefined {
  const [, id, code, mode, reason, method, path, detail] = line.exec(text) ?? [];
  if (id === undefined || code === undefined || reason === undefined) return undefined;
  return {
    id,
    code,
    mode: mode === "-" ? undefined : mode,
    reason,
    request: `${method} ${path}`,
    detail,
    trace: [],
  };
}

type Json = Readonly<Record<string, unknown>>;

function fromJson(text: string, id: string): Refusal | undefined {
  const start = text.indexOf("{");
  if (start === -1) return undefined;
  try {
    const event = eventIn(JSON.parse(text.slice(start)), id);
    return event === undefined ? undefined : refusalOf(event);
  } catch {
    return undefined;
  }
}

/** Loggers put what they are given under a name of their own. */
function eventIn(value: unknown, id: string): Json | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const object: Json = { ...value };
  if (object["id"] === id && typeof object["reason"] === "string") return object;
  for (const inner of Object.values(object)) {
    const found = eventIn(inner, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function refusalOf(event: Json): Refusal {
  const text = (name: string): string | undefined => {
    const value = event[name];
    return typeof value === "string" ? value : undefined;
  };
  return {
    id: text("id") ?? "",
    code: text("code") ?? "",
    mode: text("mode"),
    reason: text("reason") ?? "",
    request: `${text("method") ?? ""} ${text("path") ?? ""}`.trim(),
    detail: text("detail"),
    trace: traceOf(event["trace"]),
  };
}

const outcomes = ["absent", "ignored", "refused", "verified"] as const;

function traceOf(value: unknown): Explanation["modes"] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const { mode, place = null, outcome } = Object(entry) as Json;
    const known = outcomes.find((one) => one === outcome);
    if (typeof mode !== "string" || known === undefined) return [];
    return [{ mode, place: typeof place === "string" ? place : null, outcome: known }];
  });
}

export function explainRefusal({ code, mode, reason, request, detail, trace }: Refusal): Explanation {
  const meaning = meaningOf(reason);
  // Whether the body was read before or after the signature was checked is not in the log.
  const checks = mode === undefined || Object.hasOwn(bodyReasons, reason) ? [] : checksOf(mode, reason, true);
  return {
    verdict: "refused",
    mode,
    code,
    reason,
    cause: `${printable(request)}: ${meaning?.says ?? reason.replaceAll(/[_-]/g, " ")}`,
    detail,
    mend: meaning?.mend,
    modes: trace,
    checks,
  };
}
