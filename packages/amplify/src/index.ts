export { apiNames, describeApi } from "./apis.ts";
export type { ApiDescription } from "./apis.ts";
export { fromAmplify } from "./from-amplify.ts";
export type { AmplifyAuth, AmplifyOptions } from "./from-amplify.ts";
export { argumentOf } from "./modes.ts";
export { readConfiguration } from "./read-configuration.ts";
export { Code } from "./text/code.ts";
