import type { Finding, RuleSchema } from "../types.ts";

/** An error without its place: what is wrong, and what to write instead. */
export type Complaint = Pick<Finding, "code" | "message" | "mend">;

export type Place = Pick<Finding, "model" | "field" | "position">;

export function complaint(code: string, message: string, mend: string): Complaint {
  return { code, message, mend };
}

export function error(at: Place, code: string, message: string, mend: string): Finding {
  return { level: "error", ...at, code, message, mend };
}

export function warning(at: Place, code: string, message: string, mend: string): Finding {
  return { level: "warning", ...at, code, message, mend };
}

// A schema that was read from text is plain JSON. Where its models and fields are in the text is remembered beside it, so
// that `createPolicy` reports errors with file and line.

type Locate = (finding: Finding) => Finding;

const positions = new WeakMap<RuleSchema, Locate>();

/** Remembers the positions of a schema, and that its rules were validated when they were read. */
export function rememberPositions(schema: RuleSchema, find: Locate): void {
  positions.set(schema, find);
}

/** Whether the schema was read from text, which validates each rule. */
export function wasRead(schema: RuleSchema): boolean {
  return positions.has(schema);
}

/** Adds the position of its model and field to a finding, if the schema was read from text. */
export function locate(schema: RuleSchema, finding: Finding): Finding {
  return positions.get(schema)?.(finding) ?? finding;
}
