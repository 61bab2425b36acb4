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

/**
 * Injects what `@Allow` lets the caller do.
 * @example
 * import { type Access, Allow, CurrentAccess } from "@authmodes/nestjs";
 * import { matches } from "@authmodes/rules";
 * import { Controller, Get } from "@nestjs/common";
 *
 * const books = [{ id: "1", title: "Emma" }];
 *
 * @Controller("books")
 * export class BooksController {
 *   @Get()
 *   @Allow("list", "Book")
 *   list(@CurrentAccess() { filter, mask }: Access) {
 *     return books.filter(matches(filter)).map(mask);
 *   }
 * }
 */
export const CurrentAccess: () => ParameterDecorator = createParamDecorator<void>((_data, context) =>
  requireAccess(context, "@CurrentAccess()"),
);

/**
 * Injects the filter of a list, beside `@Allow("list", …)`.
 * @example
 * import { Allow, type Condition, RowFilter } from "@authmodes/nestjs";
 * import { toSql } from "@authmodes/rules";
 * import { Controller, Get } from "@nestjs/common";
 *
 * @Controller("orders")
 * export class OrdersController {
 *   @Get()
 *   @Allow("list", "Order")
 *   list(@RowFilter() filter: Condition) {
 *     return toSql(filter, { dialect: "postgresql" });
 *   }
 * }
 */
export const RowFilter: () => ParameterDecorator = createParamDecorator<void>(
  (_data, context) => requireAccess(context, "@RowFilter()").filter,
);

/**
 * Injects the request as the modes read it. `outbound.forward` takes it to call another service as the caller.
 * @example
 * import { CurrentView, type RequestView } from "@authmodes/nestjs";
 * import { createAuthFetch, outbound } from "@authmodes/nestjs/outbound";
 * import { Controller, Get } from "@nestjs/common";
 *
 * @Controller("stock")
 * export class StockController {
 *   @Get()
 *   async stock(@CurrentView() view: RequestView): Promise<unknown> {
 *     const asCaller = createAuthFetch(outbound.forward(view), { origins: ["https://stock.example.com"] });
 *     return (await asCaller("https://stock.example.com/books")).json();
 *   }
 * }
 */
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
    `${nameOf(context)} has ${decorator}, but its route has no caller: remove @AllowAnonymous(), ` +
      "or import AuthModesModule.forRoot({ auth }) in the app's module",
  );
}
