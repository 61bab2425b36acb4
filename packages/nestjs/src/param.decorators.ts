import type { Access, IdentityBase } from "@authmodes/core";
import { createParamDecorator, type ExecutionContext } from "@nestjs/common";
import { adapter } from "./adapter.ts";
import { nameOf } from "./execution-context.ts";

/**
 * Injects the caller. On a route without one, such as with `@AllowAnonymous()`, it is a 500 `misconfigured`, which is logged.
 * @example
 * import { CurrentIdentity, type Identity } from "@authmodes/nestjs";
 * import { Controller, Get } from "@nestjs/common";
 *
 * @Controller("me")
 * export class MeController {
 *   @Get()
 *   me(@CurrentIdentity() identity: Identity): string {
 *     return identity.id;
 *   }
 * }
 */
export const CurrentIdentity: () => ParameterDecorator = createParamDecorator<void>((_data, context) =>
  requireIdentity(context, "@CurrentIdentity()"),
);

/** Injects what `@Allow` lets the caller do: `@CurrentAccess() { record, mask }: Access`. */
export const CurrentAccess: () => ParameterDecorator = createParamDecorator<void>((_data, context) =>
  requireAccess(context, "@CurrentAccess()"),
);

/** Injects the filter of a list: `@RowFilter() filter: Condition`, beside `@Allow("list", …)`. */
export const RowFilter: () => ParameterDecorator = createParamDecorator<void>(
  (_data, context) => requireAccess(context, "@RowFilter()").filter,
);

/** Injects the request as the modes read it. `outbound.forward` takes it to call another service as the caller. */
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
