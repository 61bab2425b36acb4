import { Inject, Injectable } from "@nestjs/common";
import { ApplicationConfig } from "@nestjs/core";
import { allowKey } from "./handler.decorators.ts";
import { Handlers } from "./handler-explorer.ts";
import { AccessInterceptor } from "./access.interceptor.ts";
import { isStreaming, StreamInterceptor } from "./stream-interceptor.ts";

/**
 * Adds our interceptors around all handlers, so that no other one answers past them; but only if some handler needs
 * them, since every interceptor costs each request the observables that Nest makes for it.
 */
@Injectable()
export class InterceptorSetup {
  constructor(
    @Inject(Handlers) handlers: Handlers,
    @Inject(ApplicationConfig) config: ApplicationConfig,
    @Inject(AccessInterceptor) interceptor: AccessInterceptor,
  ) {
    const all = handlers.types.flatMap((type) => [
      type,
      ...handlers.methodsOf(type).map(({ handler }) => handler),
    ]);
    if (all.some((target) => Reflect.hasMetadata(allowKey, target))) config.addGlobalInterceptor(interceptor);
    if (all.some(isStreaming)) config.addGlobalInterceptor(new StreamInterceptor());
  }
}
