import { afterEach, describe, expect, it, vi } from "vitest";
import { paintFor } from "./paint.ts";

describe("paintFor", () => {
  afterEach(() => void vi.unstubAllEnvs());

  const isPainted = (isTTY: boolean, env: Readonly<Record<string, string>>) => {
    vi.stubEnv("FORCE_COLOR", undefined);
    vi.stubEnv("NO_COLOR", undefined);
    for (const [name, value] of Object.entries({ TERM: "xterm-256color", ...env })) vi.stubEnv(name, value);
    const stream = Object.assign(Object.create(process.stdout), {
      isTTY,
      getColorDepth: () => (process.env["NO_COLOR"] === undefined ? 8 : 1),
    });
    return paintFor(stream)("green", "x") === "\u001b[32mx\u001b[39m";
  };

  it.each([
    [true, {}, true],
    [true, { NO_COLOR: "1" }, false],
    [false, {}, false],
    [false, { FORCE_COLOR: "1" }, true],
    [true, { FORCE_COLOR: "0" }, false],
  ])("for a terminal (%s) and %j: %s", (isTTY, env, painted) => {
    expect(isPainted(isTTY, env)).toBe(painted);
  });
});
