// Fields of a record as pages show them. The rules, which the studio changes while the shop runs, may hide any of them.

export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

export function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
