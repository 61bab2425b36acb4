import type { IncomingMessage } from "node:http";
import { AuthError, type Reply } from "@authmodes/core";
import { Inject, Injectable, type Type } from "@nestjs/common";
import { type Client, closeInTime } from "./ws/clients.ts";
import { anybody, modesKey } from "./handler.decorators.ts";
import { bindClient, type ClientApp } from "./ws/gateway.guard.ts";
import { AuthModesGuard } from "./auth-modes.guard.ts";
import { Handlers } from "./handler-explorer.ts";
import { AccessInterceptor } from "./access.interceptor.ts";
import { Routes } from "./handler-requirements.ts";
import { knownIdentity } from "./adapter.ts";
import { Views } from "./views.ts";

/** Who may open a WebSocket, and for how long. */
@Injectable()
export class Handshakes {
  readonly #routes: Routes;
  readonly #views: Views;
  readonly #handlers: Handlers;
  readonly #app: ClientApp;

  constructor(
    @Inject(Routes) routes: Routes,
    @Inject(Views) views: Views,
    @Inject(Handlers) handlers: Handlers,
    @Inject(AuthModesGuard) guard: AuthModesGuard,
    @Inject(AccessInterceptor) interceptor: AccessInterceptor,
  ) {
    this.#routes = routes;
    this.#views = views;
    this.#handlers = handlers;
    // Behind an open handshake it is a message that tells who calls.
    const passed: ClientApp["passed"] = (client, context) =>
      closeInTime(client as Client, knownIdentity(context));
    this.#app = { guard, interceptor, passed };
  }

  /** Whether all gateways at an address let anybody in: `@AllowAnonymous()` on their classes. */
  isOpen(port: number, path: string | undefined): boolean {
    const gateways = this.#handlers.gateways.filter((type) => isServedAt(type, port, path));
    return gateways.length > 0 && gateways.every((type) => Reflect.getMetadata(modesKey, type) === anybody);
  }

  /** @returns the answer to a handshake that is refused */
  async refusal(request: IncomingMessage): Promise<Reply | undefined> {
    try {
      await this.#routes.signedIn.authenticate(this.#views.ofRequest(request));
      return undefined;
    } catch (error) {
      if (error instanceof AuthError) return error.reply;
      throw error;
    }
  }

  /** From here on its messages are those of the caller who shook hands, while the credentials are good. */
  opened(client: Client, request: IncomingMessage): void {
    this.#views.rememberClient(client, request);
    bindClient(client, this.#app);
    closeInTime(client, this.#routes.signedIn.identity(this.#views.ofRequest(request)));
  }
}

// Where Nest keeps what `@WebSocketGateway` says.
const portKey = "port";
const optionsKey = "websockets:gateway_options";

function isServedAt(type: Type, port: number, path: string | undefined): boolean {
  const options = Reflect.getMetadata(optionsKey, type) as { readonly path?: string } | undefined;
  const ownPort = (Reflect.getMetadata(portKey, type) as number | undefined) ?? 0;
  return ownPort === port && options?.path === path;
}
