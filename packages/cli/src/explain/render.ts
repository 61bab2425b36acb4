import { type Io, printable } from "../io.ts";
import { type Colour, coloured, table, wrapped } from "../terminal.ts";
import type { DecisionReport } from "./decision.ts";
import type { RequestReport } from "./request-report.ts";
import type { Line } from "./signature.ts";

const verdictColours: Record<RequestReport["verdict"], Colour> = {
  accepted: "green",
  refused: "red",
  unknown: "yellow",
};

/** For people. */
export function renderReport(report: RequestReport, io: Io): string {
  const { verdict, mode, code, reason, cause, detail, mend } = report;
  const by = mode === undefined ? "" : ` by ${mode}`;
  const title = verdict === "unknown" ? cause : `${verdict}${by}: ${cause}`;
  const lines = [
    `${coloured(verdictColours[verdict], wrapped(printable(title), 4), io)}\n`,
    ...(detail === undefined ? [] : [`  ${wrapped(printable(detail), 2)}\n`]),
    ...(code === undefined ? [] : [`  code ${code}, reason ${printable(reason ?? "-")}\n`]),
    ...(mend === undefined ? [] : [`  ${wrapped(`fix: ${mend}`, 4)}\n`]),
    ...(verdict === "accepted"
      ? ["  The modes, groups and scopes of the route are not checked here.\n"]
      : []),
  ];
  return [lines.join(""), ...sectionsOf(report, io)].join("\n");
}

function sectionsOf(report: RequestReport, io: Io): readonly string[] {
  const { modes, checks, mode, token, signature, caller, decision } = report;
  const sections: string[] = [];
  const add = (title: string, text: string) => sections.push(`${coloured("bold", title, io)}\n${text}`);
  if (modes.length > 0) add("What each mode found", table(modes.map((entry) => [entry.mode, sawOf(entry)])));
  if (checks.length > 0) add(`Checks of ${mode}`, checks.map((check) => checkLine(check, io)).join(""));
  if (caller !== undefined) add("Caller", table(caller.map(([name, value]) => [name, printable(value)])));
  if (token !== undefined) add("Claims of the token, as sent", table(token));
  if (signature !== undefined) {
    add("Parts of the signature, as sent", table(signature.facts));
    add("Canonical request", signature.canonicalRequest.map((line) => signedLine(line, io)).join(""));
    add("String to sign", signature.stringToSign.map((line) => signedLine(line, io)).join(""));
  }
  if (decision !== undefined) add(`The rules: ${printable(decision.question)}`, decisionText(decision, io));
  return sections;
}

function sawOf({ place, outcome }: RequestReport["modes"][number]): string {
  if (outcome === "absent") return "no credentials of this mode";
  const where = place === null ? "no credentials" : `credentials in ${printable(place)}`;
  return `${where}: ${outcome}`;
}

const marks = { holds: ["✓", "green"], fails: ["✗", "red"], "not reached": ["·", "grey"] } as const;

function checkLine({ name, outcome }: RequestReport["checks"][number], io: Io): string {
  const [mark, colour] = marks[outcome];
  return `  ${coloured(colour, `${mark} ${name}${outcome === "not reached" ? " (not reached)" : ""}`, io)}\n`;
}

/** If lines differ, that of the server is above that of the client. */
function signedLine({ server, client, differs }: Line, io: Io): string {
  if (!differs) return `    ${server}\n`;
  return (
    (server === undefined ? "" : coloured("green", `  server ${server}\n`, io)) +
    (client === undefined ? "" : coloured("red", `  client ${client}\n`, io))
  );
}

function decisionText({ verdict, rule, explanation }: DecisionReport, io: Io): string {
  const colour = verdict === "allowed" ? "green" : verdict === "denied" ? "red" : "yellow";
  const by = rule === undefined ? "" : ` by ${printable(rule)}`;
  return `  ${coloured(colour, `${verdict}${by}`, io)}\n  ${wrapped(printable(explanation), 2)}\n`;
}
