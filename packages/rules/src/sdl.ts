export { authDirectiveSdl, modelDirectivesSdl } from "./sdl/directive-definitions.ts";
export { type ParsedSchema, parseSchema, parseWithPositions } from "./sdl/parse-schema.ts";
export {
  addField,
  addModel,
  removeField,
  removeModel,
  type RulesPlace,
  setRules,
  setSubscriptions,
} from "./sdl/edit.ts";
export { printRule } from "./sdl/print-rule.ts";
