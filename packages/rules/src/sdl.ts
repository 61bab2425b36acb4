export { authDirectiveSdl, modelDirectivesSdl } from "./sdl/directive-definitions.ts";
export { type ParsedSchema, parseSchema, parseWithPositions } from "./sdl/parse-schema.ts";
