import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { defaultStore } from "../identity/key-store.ts";
import { parseOptions } from "./options.ts";

beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("the options of npm start", () => {
  it("has a default for each", () => {
    expect(parseOptions([])).toEqual({
      app: "express",
      port: 4000,
      once: false,
      json: false,
      errorFormat: "problem",
      studio: false,
      mcp: false,
      schema: undefined,
      store: defaultStore,
    });
  });

  it("reads them, with a space or an equals sign", () => {
    expect(
      parseOptions([
        "--app=koa",
        "--port",
        "0",
        "--json",
        "--error-format=appsync",
        "--schema",
        "my.graphql",
        "--studio",
        "--store=redis://127.0.0.1",
      ]),
    ).toEqual({
      app: "koa",
      port: 0,
      once: false,
      json: true,
      errorFormat: "appsync",
      studio: true,
      mcp: false,
      schema: "my.graphql",
      store: "redis://127.0.0.1",
    });
  });

  it.each([
    [["--app", "hapi"], "Allowed choices are express, fastify, koa, nestjs, next"],
    [["--error-format", "rfc7807"], "Allowed choices are problem, apigateway, appsync"],
    [["--app", "constructor"], "'constructor' is invalid"],
    [["--port", "70000"], "a port is from 0 to 65535"],
    [["--port", "-1"], "a port is from 0 to 65535"],
    [["--port", "4e3"], "a port is from 0 to 65535"],
    [["--prt", "1"], "Did you mean --port?"],
    [["--mcp", "--json"], "cannot be used with option '--json'"],
    [["--once", "--json"], "cannot be used with option '--once'"],
    [["express"], "too many arguments"],
  ])("rejects %j with a sentence", (argv, sentence) => {
    expect(() => parseOptions(argv)).toThrow(sentence);
  });
});
