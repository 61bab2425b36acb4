import { Inject, Injectable } from "@nestjs/common";
import { ApplicationConfig } from "@nestjs/core";
import { allowKey } from "./decorators.ts";
import { Handlers } from "./handlers.ts";
import { AccessInterceptor } from "./interceptor.ts";

/**
 * Puts the interceptor around all handlers, so that no other one answers past it; but not where no handler is under
 * rules, since every interceptor costs each request the observables that Nest makes for it.
 */
@Injectable()
export class InterceptorSetup {
  constructor(
    @Inject(Handlers) handlers: Handlers,
    @Inject(ApplicationConfig) config: ApplicationConfig,
    @Inject(AccessInterceptor) interceptor: AccessInterceptor,
  ) {
    const isRuled = handlers.types.some(
      (type) =>
        Reflect.hasMetadata(allowKey, type) ||
        handlers.methodsOf(type).some(({ handler }) => Reflect.hasMetadata(allowKey, handler)),
    );
    if (isRuled) config.addGlobalInterceptor(interceptor);
  }
}
