import type { IncomingMessage, ServerResponse } from "node:http";
import { type Auth, AuthError, nodeView, type RequestView } from "@authmodes/core";
import { readsBody, verifyAhead } from "@authmodes/core/adapter";
import { Inject, Injectable } from "@nestjs/common";
import { HttpAdapterHost } from "@nestjs/core";
import { AUTH } from "./auth-modes.options.ts";
import type { Connect, FastifyInstance, FastifyReply } from "./platforms.ts";
import { sendReply } from "./reply.ts";

/**
 * Nest's guards run when the body is parsed and its bytes are gone. What reads the body is verified before that, and
 * refused by the guard: only there it is known what the route asks.
 */
@Injectable()
export class VerifyAhead {
  readonly #auth: Auth;

  constructor(@Inject(AUTH) auth: Auth, @Inject(HttpAdapterHost) host: HttpAdapterHost) {
    this.#auth = auth;
    // While the app is built: Nest puts up the parsers when it starts. A test's app gets its adapter after that.
    host.init$.subscribe(() => {
      if (host.httpAdapter) this.#hook(host.httpAdapter);
    });
  }

  #hook(adapter: HttpAdapterHost["httpAdapter"]): void {
    const platform = adapter.getType();
    if (platform !== "fastify" && platform !== "express") {
      throw new TypeError(`AuthModesModule runs on Express and on Fastify, not on '${platform}'`);
    }
    if (!readsBody(this.#auth)) return;
    if (platform === "fastify") this.#hookFastify(adapter.getInstance());
    else adapter.use(this.#middleware);
  }

  readonly #middleware: Connect = (request, response, next) => {
    const view = this.#viewOf(request);
    const verified = verifyAhead(this.#auth, view);
    if (verified === undefined) return next();
    void verified.then((isWhole) => (isWhole ? next() : this.#answer(view, response, next)));
  };

  #hookFastify(instance: FastifyInstance): void {
    instance.addHook("preParsing", ({ raw }, reply, payload, done) => {
      const view = this.#viewOf(raw);
      const verified = verifyAhead(this.#auth, view);
      const next = (error: Error | null = null) => done(error, payload);
      if (verified === undefined) return next();
      void verified.then((isWhole) => {
        // Fastify runs no guard for a client that left in the middle of the body; it is reported all the same.
        if (isWhole && !raw.destroyed) next();
        else this.#answer(view, reply, next);
      });
    });
  }

  /** Parsers would wait for the rest of the body, so that the guard would never run. */
  #answer(view: RequestView, response: ServerResponse | FastifyReply, next: (error?: Error) => void): void {
    this.#auth.authenticate(view).then(
      () => next(),
      (error: Error) => (error instanceof AuthError ? sendReply(response, error.reply) : next(error)),
    );
  }

  #viewOf(request: IncomingMessage): RequestView {
    return nodeView(request, this.#auth.publicUrl);
  }
}
