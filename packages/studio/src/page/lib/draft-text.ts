import { type ParsedSchema, parseWithPositions } from "@authmodes/rules/sdl";

/** Reads a text on the way to a schema: one may start from nothing, for which GraphQL has no syntax. */
export function parseDraft(text: string): ParsedSchema {
  const isBlank = text.replaceAll(/#.*|[\s,\uFEFF]/g, "") === "";
  return isBlank ? { schema: { models: {} }, locate: (finding) => finding } : parseWithPositions(text);
}
