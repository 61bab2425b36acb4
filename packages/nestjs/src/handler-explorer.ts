import { type ExecutionContext, Inject, Injectable, type Type } from "@nestjs/common";
import { DiscoveryService, MetadataScanner } from "@nestjs/core";

// Read by name: most apps have not all of the packages that these marks are of.
const marks = {
  route: "method",
  message: "websockets:message_mapping",
  rpc: "microservices:handler_type",
  operation: "graphql:resolver_type",
  field: "graphql:resolve_property",
  reference: "graphql:resolve_reference",
} as const;
const gatewayMark = "websockets:is_gateway";

/** What Nest serves by a method. */
export type HandlerKind = keyof typeof marks;

export type Handler = ReturnType<ExecutionContext["getHandler"]>;

/** A method of a controller or a provider. */
export interface Method {
  readonly type: Type;
  readonly name: string;
  readonly handler: Handler;
  /** undefined where Nest does not serve it. */
  readonly kind: HandlerKind | undefined;
}

/** Finds what the app serves. */
@Injectable()
export class Handlers {
  readonly #discovery: DiscoveryService;
  readonly #scanner: MetadataScanner;

  constructor(
    @Inject(DiscoveryService) discovery: DiscoveryService,
    @Inject(MetadataScanner) scanner: MetadataScanner,
  ) {
    this.#discovery = discovery;
    this.#scanner = scanner;
  }

  /** Controllers and providers. */
  get types(): readonly Type[] {
    const wrappers = [...this.#discovery.getControllers(), ...this.#discovery.getProviders()];
    // Not those that a factory makes, whose class is not known.
    const types = wrappers.filter(({ isNotMetatype, inject }) => !isNotMetatype && !inject);
    return [...new Set(types.map(({ metatype }) => metatype))].filter(isClass);
  }

  get gateways(): readonly Type[] {
    return this.types.filter((type) => Reflect.hasMetadata(gatewayMark, type));
  }

  methodsOf(type: Type): readonly Method[] {
    return this.#scanner.getAllMethodNames(type.prototype as object).map((name) => {
      const handler = Reflect.get(type.prototype as object, name) as Handler;
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
