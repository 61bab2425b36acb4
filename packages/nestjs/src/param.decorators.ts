import type { Access, IdentityBase } from "@authmodes/core";
import { createParamDecorator, type ExecutionContext } from "@nestjs/common";
import { adapter } from "./adapter.ts";
import { nameOf } from "./execution-context.ts";

/**
 * The caller: `@CurrentIdentity() identity: UserPoolIdentity`. On a route without one, such as with `@AllowAnonymous()`,
 * it is a 500 `misconfigured`, which is logged.
 */
export const CurrentIdentity: () => ParameterDecorator = createParamDecorator<void>((_data, context) =>
  requireIdentity(context, "@CurrentIdentity()"),
);

/** What `@Allow` lets the caller do: `@CurrentAccess() { record, mask }: Access`. */
export const CurrentAccess: () => ParameterDecorator = createParamDecorator<void>((_data, context) =>
  requireAccess(context, "@CurrentAccess()"),
);

/** Which records of a list the caller gets: `@RowFilter() filter: Condition`, beside `@Allow("list", …)`. */
export const RowFilter: () => ParameterDecorator = createParamDecorator<void>(
  (_data, context) => requireAccess(context, "@RowFilter()").filter,
);

/** The request as the modes saw it: what `outbound.forward` takes to call another service as the caller. */
export const CurrentView: () => ParameterDecorator = createParamDecorator<void>((_data, context) => {
  requireIdentity(context, "@CurrentView()");
  return adapter.view(context);
});

function requireAccess(context: ExecutionContext, decorator: string): Access {
  requireIdentity(context, decorator);
  return adapter.access(context, `${nameOf(context)} has no @Allow() that would ask the rules`);
}

function requireIdentity(context: ExecutionContext, decorator: string): IdentityBase {
  return adapter.identity(
    context,
    undefined,
    `${nameOf(context)} has ${decorator}, but its route has no caller: take away @AllowAnonymous(), ` +
      "or import AuthModesModule.forRoot({ auth }) in the app's module",
  );
}
