import { createParamDecorator } from "@nestjs/common";
import { accessOf, identityOf, viewOf } from "./adapter.ts";

/**
 * The caller: `@CurrentIdentity() identity: UserPoolIdentity`. On a route without one, such as with `@AllowAnonymous()`,
 * it is a 500 `misconfigured`, which is logged.
 */
export const CurrentIdentity: () => ParameterDecorator = createParamDecorator<void>((_data, context) =>
  identityOf(context),
);

/** What `@Allow` lets the caller do: `@CurrentAccess() { record, mask }: Access`. */
export const CurrentAccess: () => ParameterDecorator = createParamDecorator<void>((_data, context) =>
  accessOf(context),
);

/** Which records of a list the caller gets: `@RowFilter() filter: Condition`, beside `@Allow("list", …)`. */
export const RowFilter: () => ParameterDecorator = createParamDecorator<void>(
  (_data, context) => accessOf(context).filter,
);

/** The request as the modes saw it: what `outbound.forward` takes to call another service as the caller. */
export const CurrentView: () => ParameterDecorator = createParamDecorator<void>((_data, context) =>
  viewOf(context),
);
