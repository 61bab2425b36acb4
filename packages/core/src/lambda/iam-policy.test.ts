import { describe, expect, it } from "vitest";
import { viewOf } from "../test/view.ts";
import { evaluate, methodArns } from "./policy.ts";
import { invokeStatements } from "./answers.ts";

const name = { region: "eu-west-1", accountId: "111122223333", apiId: "shop", stage: "prod" };
const api = "arn:aws:execute-api:eu-west-1:111122223333:shop/prod";

function statement(Effect: string, Resource: unknown, more: object = {}) {
  return { Effect, Action: "execute-api:Invoke", Resource, ...more };
}
const everything = statement("Allow", "*");

function decide(statements: unknown, target = "/books/7", method = "GET") {
  const arns = methodArns(viewOf({ method, target }), name);
  return evaluate(invokeStatements({ Version: "2012-10-17", Statement: statements }), arns);
}

describe("a policy", () => {
  it.each([
    ["the exact ARN", [statement("Allow", `${api}/GET/books/7`)], "allowed"],
    ["one statement, not a list", statement("Allow", `${api}/GET/books/7`), "allowed"],
    ["a list of resources", [statement("Allow", ["arn:x", `${api}/GET/books/7`])], "allowed"],
    ["a wildcard path", [statement("Allow", `${api}/GET/books/*`)], "allowed"],
    ["a wildcard method", [statement("Allow", `${api}/*/books/7`)], "allowed"],
    ["one unknown character", [statement("Allow", `${api}/GET/books/?`)], "allowed"],
    ["every API", [everything], "allowed"],
    ["another method", [statement("Allow", `${api}/POST/books/7`)], "unmentioned"],
    ["another path", [statement("Allow", `${api}/GET/books/70`)], "unmentioned"],
    ["a path in another letter case", [statement("Allow", `${api}/GET/Books/7`)], "unmentioned"],
    ["another stage", [statement("Allow", `${api.replace("prod", "dev")}/GET/books/7`)], "unmentioned"],
    ["another API", [statement("Allow", `${api.replace("shop", "other")}/*`)], "unmentioned"],
    ["another account", [statement("Allow", `${api.replace("1111", "9999")}/*`)], "unmentioned"],
    ["no statement", [], "unmentioned"],
    ["no resource", [statement("Allow", [])], "unmentioned"],
    ["a denial before an allowance", [statement("Deny", `${api}/GET/*`), everything], "denied"],
    ["a denial after an allowance", [everything, statement("Deny", `${api}/GET/*`)], "denied"],
    ["a denial of something else", [everything, statement("Deny", `${api}/POST/*`)], "allowed"],
  ])("%s", (_, statements, wanted) => {
    expect(decide(statements)).toBe(wanted);
  });

  it.each([
    ["execute-api:Invoke", "allowed"],
    ["execute-api:invoke", "allowed"],
    ["execute-api:*", "allowed"],
    ["execute-api:Inv*", "allowed"],
    ["*", "allowed"],
    [["s3:GetObject", "execute-api:Invoke"], "allowed"],
    ["execute-api:InvalidateCache", "unmentioned"],
    ["s3:*", "unmentioned"],
    ["Invoke", "unmentioned"],
    [[], "unmentioned"],
  ])("for the action %j", (Action, wanted) => {
    expect(decide([{ Effect: "Allow", Action, Resource: "*" }])).toBe(wanted);
  });

  it.each([
    ["an escape", "/adm%69n/x"],
    ["another letter case", "/Admin/x"],
    ["both", "/%41dmin/x"],
  ])("denies a path with %s too, under which a router may find the same route", (_, target) => {
    expect(decide([everything, statement("Deny", `${api}/GET/admin/*`)], target)).toBe("denied");
  });

  it("denies a path with a slash at the end too", () => {
    const closed = [everything, statement("Deny", `${api}/GET/admin`)];
    expect(decide(closed, "/admin/")).toBe("denied");
    expect(decide(closed, "/%61dmin/?x=1")).toBe("denied");
  });

  it("denies HEAD if it denies GET, whose handler answers it", () => {
    expect(decide([everything, statement("Deny", `${api}/GET/*`)], "/", "HEAD")).toBe("denied");
    expect(decide([statement("Allow", `${api}/GET/*`)], "/", "HEAD")).toBe("unmentioned");
  });

  it.each([
    ["Condition", { Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }],
    ["NotAction", { NotAction: "s3:*" }],
    ["NotResource", { NotResource: "*" }],
    ["Principal", { Principal: "*" }],
    ["a variable", { Resource: "arn:aws:execute-api:*:*:*/${aws:username}/*" }],
  ])("is unusable with %s, in an allowance and in a denial", (_, more) => {
    for (const effect of ["Allow", "Deny"]) {
      expect(() => decide([everything, statement(effect, "*", more)])).toThrow(
        expect.objectContaining({ code: "unavailable", reason: "authorizer_policy_unsupported" }),
      );
    }
  });

  it.each([
    ["no policy", undefined],
    ["text", "allow"],
    ["no Statement", {}],
    ["a Statement of text", { Statement: ["Allow"] }],
    ["an unknown effect", { Statement: [statement("allow", "*")] }],
    ["no action", { Statement: [{ Effect: "Allow", Resource: "*" }] }],
    ["no resource", { Statement: [{ Effect: "Allow", Action: "*" }] }],
    ["a resource that is no text", { Statement: [statement("Allow", [7])] }],
  ])("is unusable where it is %s", (_, document) => {
    expect(() => invokeStatements(document)).toThrow(
      expect.objectContaining({ code: "unavailable", reason: "authorizer_answer_malformed" }),
    );
  });
});
