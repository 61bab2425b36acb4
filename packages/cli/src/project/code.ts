import { Code } from "@authmodes/amplify";

// The code that `init` and `import` write: plain JavaScript, which is TypeScript too.

/**
 * A value as code, without members that are undefined or that only running a file would tell: the options of the written
 * module replace those. A mode whose settings are code stays a mode.
 */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (value instanceof Code) return "{}";
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .filter(([name, item]) => (item instanceof Code ? /(?:Config|Mode)$/.test(name) : item !== undefined))
      .map(([name, item]) => `${key(name)}: ${literal(item)}`);
    return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
  }
  // The two line ends of Unicode are none in JSON.
  return JSON.stringify(value) ?? "undefined";
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** Code as it stands, within an object of code. */
export function objectOf(entries: readonly (readonly [name: string, code: string])[], indent = ""): string {
  if (entries.length === 0) return "{}";
  const lines = entries.map(([name, code]) => `${indent}  ${name === code ? name : `${name}: ${code}`},\n`);
  return `{\n${lines.join("")}${indent}}`;
}

/** The parts that are there, each on lines of its own. */
export function joined(...parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false).join("\n");
}

/** What does not belong into a server's code. */
export const storedKeysCode = `/** Only hashes of the keys are kept; newApiKey() of @authmodes/core makes one. */
const storedKeys = JSON.parse(process.env["API_KEYS"] || "[]");
`;

export const accessKeysCode = `/** By id: \`{ "AKIA…": { "secretAccessKey": "…", "accountId": "…", "userArn": "arn:…" } }\` */
const accessKeys = JSON.parse(process.env["ACCESS_KEYS"] || "{}");
`;

export const findAccessKey = "(id) => (Object.hasOwn(accessKeys, id) ? accessKeys[id] : undefined)";
