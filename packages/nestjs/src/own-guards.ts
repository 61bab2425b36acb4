import { Inject, Injectable } from "@nestjs/common";
import { gatewayGuard, gatewayInterceptor } from "./ws/gateway.guard.ts";
import { Handlers } from "./handler-explorer.ts";
import { requireModule } from "./module-required.guard.ts";

// Where Nest keeps what `@UseGuards` and `@UseInterceptors` say.
const guardsKey = "__guards__";
const interceptorsKey = "__interceptors__";

/**
 * Guards those by themselves whom Nest leaves out of the app's guards: gateways before NestJS 12, and handlers of
 * messages in a hybrid app that does not hand its guards on. Nest reads them later, when it puts these up.
 */
@Injectable()
export class OwnGuards {
  constructor(@Inject(Handlers) handlers: Handlers) {
    for (const gateway of handlers.gateways) {
      putFirst(guardsKey, gatewayGuard, gateway);
      putFirst(interceptorsKey, gatewayInterceptor, gateway);
    }
    for (const { handler, kind } of handlers.types.flatMap((type) => handlers.methodsOf(type))) {
      if (kind === "rpc") putFirst(guardsKey, requireModule, handler);
    }
  }
}

function putFirst(key: string, enhancer: object, target: object): void {
  const others = (Reflect.getMetadata(key, target) ?? []) as readonly unknown[];
  if (!others.includes(enhancer)) Reflect.defineMetadata(key, [enhancer, ...others], target);
}
