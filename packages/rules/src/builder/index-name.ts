/** The name of an index that was given none: `byOwner`, `byOwnerAndCreatedAt`. */
export function indexName(fields: readonly string[]): string {
  return `by${fields.map((field) => field.slice(0, 1).toUpperCase() + field.slice(1)).join("And")}`;
}
