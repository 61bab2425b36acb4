import type { AuthRule } from "@authmodes/rules";
import type { Draft } from "./draft.ts";

/** As SDL. */
export function printSchema({ models, others }: Draft): string {
  const printed = models.map(({ name, model, rules, fields }) => {
    const lines = fields.map(
      ({ name: field, type, directives, rules: own }) =>
        `  ${[`${field}: ${type}`, directives, own && printAuth(own)].filter(Boolean).join(" ")}`,
    );
    return `type ${name} @model${model}${rules ? ` ${printAuth(rules)}` : ""} {\n${lines.join("\n")}\n}`;
  });
  return [...printed, ...others, "enum Status { draft done }"].join("\n\n");
}

/** As `@auth(rules: […])`. */
export function printAuth(rules: readonly AuthRule[]): string {
  return `@auth(rules: [${rules.map(printRule).join(", ")}])`;
}

function printRule(rule: AuthRule): string {
  const entries = Object.entries(rule).filter(([, value]) => value !== undefined);
  return `{ ${entries.map(([name, value]) => `${name}: ${printValue(name, value)}`).join(", ")} }`;
}

function printValue(name: string, value: unknown): string {
  if (name === "allow" || name === "provider") return String(value);
  if (name === "operations" && Array.isArray(value)) return `[${value.join(", ")}]`;
  return JSON.stringify(value);
}
