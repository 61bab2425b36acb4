import { isList } from "@authmodes/core/adapter";
import { Inject, Injectable, type OnModuleInit, type Type } from "@nestjs/common";
import { ApplicationConfig, ModuleRef } from "@nestjs/core";
import { checkFieldEnhancers, checkSubscriptions } from "./graphql/graphql-checks.ts";
import { GraphQLEndpoints } from "./graphql/graphql-endpoints.ts";
import { answersByItself, HandlerExplorer, type Method } from "./handler-explorer.ts";
import { type HandlerRule, RequirementsReader } from "./handler-requirements.ts";
import { modesKey, requirementOn } from "./handler.decorators.ts";

/** Throws when the app starts, with what to write instead, if something would guard nothing. */
@Injectable()
export class StartupChecks implements OnModuleInit {
  @Inject(HandlerExplorer) private readonly explorer!: HandlerExplorer;
  @Inject(RequirementsReader) private readonly requirements!: RequirementsReader;
  @Inject(GraphQLEndpoints) private readonly endpoints!: GraphQLEndpoints;
  @Inject(ApplicationConfig) private readonly config!: ApplicationConfig;
  @Inject(ModuleRef) private readonly moduleRef!: ModuleRef;

  onModuleInit(): void {
    for (const type of this.explorer.types) this.#checkType(type);
    for (const options of this.endpoints.options) checkSubscriptions(options);
    const [gateway] = this.explorer.gateways;
    const wsAdapter: object | undefined = this.config.getIoAdapter();
    if (gateway === undefined || (wsAdapter !== undefined && "verifiesHandshakes" in wsAdapter)) return;
    throw new TypeError(
      `${gateway.name} is a gateway, and its handshakes are not verified: write app.useWebSocketAdapter(` +
        "new AuthModesWsAdapter(app)), which is of @authmodes/nestjs/ws",
    );
  }

  #checkType(type: Type): void {
    const methods = this.explorer.methodsOf(type);
    for (const method of methods) this.#checkMethod(method);
    const decorator = decoratorOn(type);
    if (decorator === undefined || methods.some(({ kind }) => kind !== undefined)) return;
    throw new TypeError(
      `${type.name}: ${decorator} guards nothing here, since Nest serves none of its methods`,
    );
  }

  #checkMethod(method: Method): void {
    const { type, name, handler, kind } = method;
    const decorator = decoratorOn(handler) ?? (kind === undefined ? undefined : decoratorOn(type));
    if (decorator === undefined) return;
    if (kind === undefined) {
      throw new TypeError(
        `${type.name}.${name}: ${decorator} guards nothing here, since Nest does not serve it`,
      );
    }
    const { rule } = this.requirements.of(type, handler);
    if (kind === "field") {
      checkFieldEnhancers(this.endpoints.options, method, decorator, rule !== undefined);
    }
    if (rule !== undefined) this.#checkRule(method, rule);
  }

  #checkRule(method: Method, { load, route }: HandlerRule): void {
    // Throws if there is no such provider.
    if (typeof load === "object") this.moduleRef.get<unknown>(load.token, { strict: false });
    if (method.kind !== "route" || !answersByItself(method)) return;
    if (!isList(route.operation) && !route.handlerDecides) return;
    throw new TypeError(
      `${method.type.name}.${method.name}: with @Res() the answer is gone before it is seen whether it was decided ` +
        "about; return it instead, or write @Res({ passthrough: true })",
    );
  }
}

function decoratorOn(target: object): string | undefined {
  return Reflect.hasMetadata(modesKey, target) ? "@Modes or @AllowAnonymous" : requirementOn(target);
}
