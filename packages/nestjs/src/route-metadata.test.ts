import { guardNoteOf } from "@authmodes/core/inspect";
import { Controller, Get, Post, type Type } from "@nestjs/common";
import type { Express } from "express";
import { describe, expect, it } from "vitest";
import { Allow, AllowAnonymous, AuthModesModule, Modes } from "./index.ts";
import { createApp, listen } from "./test/apps.ts";
import { notesAuth } from "./test/notes.ts";

class Shared {
  @Get()
  list() {
    return [];
  }
}

@Controller("open")
@AllowAnonymous()
class OpenController extends Shared {}

@Controller("closed")
class ClosedController extends Shared {}

@Controller("notes")
class NotesController {
  @Get()
  @Allow("list", "Note")
  list() {
    return [];
  }

  @Get("plain")
  plain() {
    return "";
  }

  @Post("narrow")
  @Modes("apiKey")
  narrow() {
    return "";
  }

  @Get("health")
  @AllowAnonymous()
  health() {
    return "";
  }
}

async function notesOf(...controllers: readonly Type[]) {
  const { auth } = notesAuth();
  const app = await createApp({
    imports: [AuthModesModule.forRoot({ auth })],
    controllers: [...controllers],
  });
  app.setGlobalPrefix("v1");
  await listen(app);
  const express: Express = app.getHttpAdapter().getInstance();
  return Object.fromEntries(
    express.router.stack.flatMap(({ route }) =>
      route === undefined ? [] : [[route.path, route.stack.map(({ handle }) => guardNoteOf(handle))]],
    ),
  );
}

describe("the routes that Nest makes", () => {
  it("carry what is asked of their callers", async () => {
    const signedIn = ["apiKey"];
    expect(await notesOf(NotesController)).toEqual({
      "/v1/notes": [{ modes: signedIn, decision: "list Note" }],
      "/v1/notes/plain": [{ modes: signedIn }],
      "/v1/notes/narrow": [{ modes: ["apiKey"] }],
      "/v1/notes/health": [undefined],
    });
  });

  it("look open where classes share a handler of which one is, so that somebody looks", async () => {
    expect(await notesOf(ClosedController)).toEqual({ "/v1/closed": [{ modes: ["apiKey"] }] });
    const both = { "/v1/open": [undefined], "/v1/closed": [undefined] };
    expect(await notesOf(OpenController, ClosedController)).toEqual(both);
    expect(await notesOf(ClosedController, OpenController)).toEqual(both);
  });
});
