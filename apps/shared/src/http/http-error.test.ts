import { afterEach, describe, expect, it, vi } from "vitest";
import { errorReply, HttpError } from "./http-error.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("errorReply", () => {
  const error = new HttpError(404, "There is no such book");

  it("answers in the format of rejections", () => {
    expect(JSON.parse(errorReply(error, "problem").body)).toMatchObject({
      status: 404,
      title: "Not Found",
      code: "not_found",
      detail: "There is no such book",
    });
    expect(errorReply(error, "problem").headers["Content-Type"]).toBe("application/problem+json");
    expect(errorReply(error, "apigateway")).toMatchObject({
      status: 404,
      headers: { "x-amzn-ErrorType": "NotFoundException" },
      body: '{"message":"There is no such book"}',
    });
    expect(JSON.parse(errorReply(error, "appsync").body)).toEqual({
      errors: [{ errorType: "NotFoundException", message: "There is no such book" }],
    });
  });

  it("keeps the status that a framework gave to a request it cannot read", () => {
    const thrown = Object.assign(new URIError("Failed to decode param '%'"), { status: 400 });
    expect(errorReply(thrown, "problem").status).toBe(400);
    expect(errorReply(thrown, "problem").body).not.toContain("%");
    const inherited: unknown = Object.create({ status: 415 });
    expect(errorReply(inherited, "problem").status).toBe(415);
  });

  it("does not report a broken connection as a bug", () => {
    expect(errorReply(Object.assign(new Error("aborted"), { code: "ECONNRESET" }), "problem").status).toBe(
      400,
    );
  });

  it("logs a bug, and does not describe it to the client", () => {
    const log = vi.spyOn(console, "error").mockReturnValue(undefined);
    const reply = errorReply(new Error("the password is wrong"), "problem");
    expect(reply.status).toBe(500);
    expect(reply.body).not.toContain("password");
    expect(log).toHaveBeenCalledOnce();
  });
});
