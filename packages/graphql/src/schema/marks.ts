import type { GraphQLField, GraphQLSchema } from "graphql";

// What `publishMutations` and `protect` tell each other.

type Marked = Pick<GraphQLField<unknown, unknown>, "extensions">;

const published = "authmodes.published";
const ruled = "authmodes.ruled";

/** The schemas that `protect` returned. */
export const protectedSchemas: WeakSet<GraphQLSchema> = new WeakSet();

/** Marks a subscription whose events its arguments select. The mark survives copies, and wrapped resolvers. */
export function markPublished(field: Marked): void {
  field.extensions = { ...field.extensions, [published]: true };
}

export function isPublished({ extensions }: Marked): boolean {
  return extensions[published] === true;
}

/** Marks a subscription about which `protect` decides. The mark survives copies, and wrapped resolvers. */
export function markRuled(field: Marked): void {
  field.extensions = { ...field.extensions, [ruled]: true };
}

/** Whether each subscriber would get whole records, and arguments would select nothing: `protect` does both. */
export function isPublishedToAll(field: Marked): boolean {
  return isPublished(field) && field.extensions[ruled] !== true;
}
