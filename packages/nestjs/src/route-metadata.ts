import { type GuardNote, guardNoteKey } from "@authmodes/core/inspect";
import { Inject, Injectable } from "@nestjs/common";
import { type Handler, Handlers } from "./handler-explorer.ts";
import { type Route, Routes } from "./handler-requirements.ts";

/** Notes on the handlers of controllers what is asked of their callers, for tools that list an app's routes. */
@Injectable()
export class GuardNotes {
  readonly #handlers: Handlers;
  readonly #routes: Routes;

  constructor(@Inject(Handlers) handlers: Handlers, @Inject(Routes) routes: Routes) {
    this.#handlers = handlers;
    this.#routes = routes;
  }

  /** Called before Nest makes routes of the handlers: it copies their metadata, and the notes with it. */
  write(): void {
    const notes = new Map<Handler, GuardNote | undefined>();
    for (const type of this.#handlers.types) {
      for (const { handler, kind } of this.#handlers.methodsOf(type)) {
        if (kind !== "route") continue;
        const note = noteOf(this.#routes.of(type, handler));
        // Classes that share a handler and differ have none: it then looks open, and somebody looks.
        notes.set(handler, notes.has(handler) && !isSame(notes.get(handler), note) ? undefined : note);
      }
    }
    for (const [handler, note] of notes) {
      if (note === undefined) Reflect.deleteMetadata(guardNoteKey, handler);
      else Reflect.defineMetadata(guardNoteKey, note, handler);
    }
  }
}

function noteOf({ open, auth, rule }: Route): GuardNote | undefined {
  if (open) return undefined;
  return { modes: auth.modes, ...(rule !== undefined && { decision: `${rule.operation} ${rule.model}` }) };
}

function isSame(a: GuardNote | undefined, b: GuardNote | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
