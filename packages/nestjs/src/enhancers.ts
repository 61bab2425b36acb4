import { Inject, Injectable } from "@nestjs/common";
import { ApplicationConfig } from "@nestjs/core";
import { accessInterceptor } from "./access.interceptor.ts";
import { HandlerExplorer, isStreaming } from "./handler-explorer.ts";
import { allowKey, moduleRequiredGuard } from "./handler.decorators.ts";
import { gatewayGuard } from "./ws/gateway.guard.ts";

// Metadata of `@UseGuards` and `@UseInterceptors`.
const guardsKey = "__guards__";
const interceptorsKey = "__interceptors__";

/**
 * Adds our guards to classes and handlers that `APP_GUARD` does not cover: gateways before NestJS 12, and messages of a
 * hybrid app that does not pass its guards on. Nest reads them later, when it registers the handlers. Adds our
 * interceptor only if a handler needs it, since every interceptor costs each request the observables that Nest makes.
 */
@Injectable()
export class EnhancerSetup {
  constructor(
    @Inject(HandlerExplorer) explorer: HandlerExplorer,
    @Inject(ApplicationConfig) config: ApplicationConfig,
  ) {
    for (const gateway of explorer.gateways) {
      putFirst(guardsKey, gatewayGuard, gateway);
      putFirst(interceptorsKey, accessInterceptor, gateway);
    }
    const { methods } = explorer;
    for (const { handler, kind } of methods) {
      if (kind === "rpc") putFirst(guardsKey, moduleRequiredGuard, handler);
    }
    const isNeeded = methods.some(
      ({ type, handler }) =>
        Reflect.hasMetadata(allowKey, type) || Reflect.hasMetadata(allowKey, handler) || isStreaming(handler),
    );
    if (isNeeded) config.addGlobalInterceptor(accessInterceptor);
  }
}

function putFirst(key: string, enhancer: object, target: object): void {
  const others = (Reflect.getMetadata(key, target) ?? []) as readonly unknown[];
  if (!others.includes(enhancer)) Reflect.defineMetadata(key, [enhancer, ...others], target);
}
