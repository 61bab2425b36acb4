import type { Method } from "../handler-explorer.ts";
import type { GraphQLOptions } from "./graphql-endpoints.ts";

/**
 * A GraphQL socket runs any operation, and Nest does not see its handshake.
 * @throws TypeError if sockets are opened without a check
 */
export function checkSubscriptions({ subscriptions = {} }: GraphQLOptions): void {
  for (const [name, options] of Object.entries(subscriptions)) {
    if (options === false || options === undefined) continue;
    if (typeof (options as { onConnect?: unknown }).onConnect === "function") continue;
    throw new TypeError(
      `GraphQLModule: the handshake is not verified for the sockets of '${name}'. Give it an onConnect that does: ` +
        "({ extra }) => auth.authenticate(nodeView(extra.request, auth.publicUrl)).then(() => true)",
    );
  }
}

/** @throws TypeError if a GraphQLModule does not run what guards a field resolver */
export function checkFieldEnhancers(
  all: readonly GraphQLOptions[],
  { type, name }: Method,
  decorator: string,
  hasRule: boolean,
): void {
  const wanted = hasRule ? ["guards", "interceptors"] : ["guards"];
  const enabled = all.every(({ fieldResolverEnhancers = [] }) =>
    wanted.every((enhancer) => fieldResolverEnhancers.includes(enhancer)),
  );
  if (enabled) return;
  const words = wanted.map((enhancer) => `"${enhancer}"`).join(", ");
  throw new TypeError(
    `${type.name}.${name}: ${decorator} guards no field unless GraphQLModule.forRoot({ ` +
      `fieldResolverEnhancers: [${words}] }) says so`,
  );
}
