import type { Finding } from "@authmodes/rules";
import { type Io, printable } from "../io.ts";
import { coloured, table, wrapped } from "../terminal.ts";
import type { CheckReport } from "./check.ts";
import type { CheckedRoute } from "./guards.ts";

/** For people. */
export function renderCheck({ modes, routes, findings }: CheckReport, io: Io): string {
  const parts =
    modes.length === 0
      ? []
      : [`${coloured("bold", "Modes", io)}\n${modes.map((mode) => modeText(mode, io)).join("")}`];
  if (routes.length > 0) parts.push(`${coloured("bold", "Routes", io)}\n${table(routes.map(routeRow))}`);
  parts.push(findingsText(findings, io));
  return parts.join("\n");
}

function modeText({ mode, settings, issuers }: CheckReport["modes"][number], io: Io): string {
  const lines = [`  ${settingsText(mode, settings, 4)}\n`];
  for (const { issuer, settings, keys } of issuers) {
    const age = keys.fetchedAt === null ? "" : `, fetched ${new Date(keys.fetchedAt).toISOString()}`;
    const state = keys.usable
      ? coloured("green", `${keys.count} keys${age}`, io)
      : coloured("yellow", `no keys${keys.trouble === null ? "" : `: ${printable(keys.trouble)}`}`, io);
    lines.push(`    ${settingsText(issuer, settings, 6)}\n      ${state}\n`);
  }
  return lines.join("");
}

function settingsText(name: string, settings: Readonly<Record<string, string>>, indent: number): string {
  const words = Object.entries(settings).map(([key, value]) => `${key} ${value}`);
  return wrapped(printable(words.length === 0 ? name : `${name}: ${words.join("; ")}`), indent);
}

function routeRow({ method, path, modes, decision }: CheckedRoute): readonly [string, string] {
  const who = modes === undefined ? "open" : modes.join(" ") || "no mode";
  return [printable(`${method} ${path}`), printable(decision === undefined ? who : `${who}: ${decision}`)];
}

function findingsText(findings: readonly Finding[], io: Io): string {
  if (findings.length === 0) return `${coloured("green", "Nothing is wrong.", io)}\n`;
  const lines = findings.map(({ code, level, message, mend }) => {
    const word = coloured(level === "error" ? "red" : "yellow", level, io);
    const text = wrapped(printable(`${level}: ${message} [${code}]`), 2).slice(level.length);
    return `${word}${text}\n  ${wrapped(printable(`fix: ${mend}`), 4)}\n`;
  });
  const count = (level: Finding["level"]) => findings.filter((finding) => finding.level === level).length;
  return `${lines.join("")}\n${counted(count("error"), "error")}, ${counted(count("warning"), "warning")}\n`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
