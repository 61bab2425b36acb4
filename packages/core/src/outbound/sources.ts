// As a namespace, so that bundlers drop what nobody uses.
export { apiKey } from "./api-key.ts";
export { custom } from "./custom.ts";
export { forward } from "./forward.ts";
export { iam } from "./iam.ts";
export { none } from "./none.ts";
export { lambda, oidc, userPool } from "./token.ts";
