export { authDirectiveSdl, modelDirectivesSdl } from "./sdl/directive-definitions.ts";
export { type ParseOptions, parseSchema } from "./sdl/parse-schema.ts";
export { addField, addModel, removeField, removeModel, setSubscriptions } from "./sdl/edit-types.ts";
export { type RulesPlace } from "./sdl/edit-places.ts";
export { setRules } from "./sdl/edit-rules.ts";
export { type PolicyText, readPolicy } from "./sdl/parse-schema.ts";
export { printRule } from "./sdl/print-rule.ts";
