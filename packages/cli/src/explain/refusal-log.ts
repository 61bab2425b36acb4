import { stripVTControlCharacters } from "node:util";
import { printable, UsageError } from "../io.ts";
import { asObject, asText, type JsonObject, parseJson } from "../values.ts";
import { checksOf } from "./checks.ts";
import { bodyReasons } from "./reasons/shared.ts";
import { refusalReport, type RequestReport } from "./request-report.ts";

/** Loggers may end a line with the time since the one before it. */
const line = /authmodes: (\S+) (\S+) (\S+) (\S+) (\S+) (\S*)(?: \((.*)\))?(?: \+\d+ms)?\s*$/;

/** The id of a rejection that a text is; undefined for any other text. */
export function refusalIdOf(text: string): string | undefined {
  return /^(?:urn:uuid:)?([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/.exec(text.trim().toLowerCase())?.[1];
}

/**
 * Looks for a refusal in lines of `logLine()`, or in events as JSON, a line each, whatever a logger puts around them.
 * @throws UsageError if it is not there
 */
export function findRefusal(id: string, log: string, where: string): RequestReport {
  for (const text of stripVTControlCharacters(log).split("\n").toReversed()) {
    if (!text.toLowerCase().includes(id)) continue;
    const event = eventIn(parseJson(text.slice(text.indexOf("{"))), id) ?? eventInLine(text);
    if (asText(event?.["id"])?.toLowerCase() === id) return loggedReport(event ?? {});
  }
  throw new UsageError(
    `${printable(where)} has no refusal ${id}. Is it the log of the server that answered? Servers write refusals ` +
      "to stderr, unless the server has an auth.onEvent() listener.",
  );
}

function eventInLine(text: string): JsonObject | undefined {
  const [, id, code, mode, reason, method, path, detail] = line.exec(text) ?? [];
  return id === undefined
    ? undefined
    : { id, code, mode: mode === "-" ? undefined : mode, reason, method, path, detail };
}

/** Loggers put what they are given, a line or an event, under a name of their own. */
function eventIn(value: unknown, id: string): JsonObject | undefined {
  if (typeof value === "string") return eventInLine(value);
  if (typeof value !== "object" || value === null) return undefined;
  const event: JsonObject = { ...value };
  if (event["id"] === id && typeof event["reason"] === "string") return event;
  for (const inner of Object.values(event)) {
    const found = eventIn(inner, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Without the checks if their order is not known: it depends on whether the hash of the body was sent. */
function loggedReport(event: JsonObject): RequestReport {
  const [mode, reason = "", method = "", path = ""] = ["mode", "reason", "method", "path"].map((name) =>
    asText(event[name]),
  );
  const report = refusalReport({
    mode,
    code: asText(event["code"]),
    reason,
    detail: asText(event["detail"]),
    modes: traceOf(event["trace"]),
    checks: Object.hasOwn(bodyReasons, reason) ? [] : checksOf(mode, reason, true),
  });
  return { ...report, cause: `${printable(`${method} ${path}`.trim())}: ${report.cause}` };
}

const outcomes = ["absent", "ignored", "refused", "verified"] as const;

function traceOf(value: unknown): RequestReport["modes"] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const { mode, place, outcome } = asObject(entry) ?? {};
    const known = outcomes.find((one) => one === outcome);
    if (typeof mode !== "string" || known === undefined) return [];
    return [{ mode, place: asText(place) ?? null, outcome: known }];
  });
}
