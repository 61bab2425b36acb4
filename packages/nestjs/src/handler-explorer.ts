import { type ExecutionContext, Inject, Injectable, type Type } from "@nestjs/common";
import { DiscoveryService, MetadataScanner } from "@nestjs/core";

// Metadata of Nest's decorators, read by name: most apps lack some of the packages.
const marks = {
  route: "method",
  message: "websockets:message_mapping",
  rpc: "microservices:handler_type",
  operation: "graphql:resolver_type",
  field: "graphql:resolve_property",
  reference: "graphql:resolve_reference",
} as const;
const gatewayMark = "websockets:is_gateway";
const sseMark = "__sse__";
const parametersKey = "__routeArguments__";
const passthroughKey = "__responsePassthrough__";
const responseOrNext = /^[12]:/;

/** What Nest serves by a method. */
type HandlerKind = keyof typeof marks;

export type Handler = ReturnType<ExecutionContext["getHandler"]>;

/** A method of a controller or a provider. */
export interface Method {
  readonly type: Type;
  readonly name: string;
  readonly handler: Handler;
  /** undefined if Nest does not serve it. */
  readonly kind: HandlerKind | undefined;
}

/** Finds what the app serves. */
@Injectable()
export class HandlerExplorer {
  @Inject(DiscoveryService) private readonly discovery!: DiscoveryService;
  readonly #scanner = new MetadataScanner();

  /** Controllers and providers. */
  get types(): readonly Type[] {
    const wrappers = [...this.discovery.getControllers(), ...this.discovery.getProviders()];
    // Not those that a factory makes, whose class is not known.
    const types = wrappers.filter(({ isNotMetatype, inject }) => !isNotMetatype && !inject);
    return [...new Set(types.map(({ metatype }) => metatype))].filter(isClass);
  }

  get gateways(): readonly Type[] {
    return this.types.filter((type) => Reflect.hasMetadata(gatewayMark, type));
  }

  get methods(): readonly Method[] {
    return this.types.flatMap((type) => this.methodsOf(type));
  }

  methodsOf(type: Type): readonly Method[] {
    const prototype = type.prototype as object;
    return this.#scanner.getAllMethodNames(prototype).map((name) => {
      const handler = Reflect.get(prototype, name) as Handler;
      return { type, name, handler, kind: kindOf(handler) };
    });
  }
}

function kindOf(handler: Handler): HandlerKind | undefined {
  const kinds = Object.keys(marks) as HandlerKind[];
  return kinds.find((kind) => Reflect.hasMetadata(marks[kind], handler));
}

function isClass(metatype: unknown): metatype is Type {
  return typeof metatype === "function" && typeof metatype.prototype === "object";
}

/** Whether a handler answers server-sent events. */
export function isStreaming(handler: Handler): boolean {
  return Reflect.hasMetadata(sseMark, handler);
}

/** Whether a route takes `@Res()` or `@Next()`, so that Nest leaves the answer to it. */
export function answersByItself({ type, name }: Method): boolean {
  const parameters = Reflect.getMetadata(parametersKey, type, name) as object | undefined;
  const taken = Object.keys(parameters ?? {}).some((key) => responseOrNext.test(key));
  return taken && Reflect.getMetadata(passthroughKey, type, name) !== true;
}
