import { describe, expect, it } from "vitest";
import { AuthError } from "../refusal/error.ts";
import { deniedField } from "./answers.ts";

const api = { region: "us-east-1", accountId: "111122223333", apiId: "APIID" };
const arn = "arn:aws:appsync:us-east-1:111122223333:apis/APIID/types/Mutation/fields/createEvent";
const unnamed = { region: undefined, accountId: undefined, apiId: undefined };

describe("deniedField", () => {
  it.each([
    ["Type.field", "Report.profit", api, ["Report.profit"]],
    ["underscores and digits", "_T1._f2", api, ["_T1._f2"]],
    ["this API's ARN", arn, api, ["Mutation.createEvent"]],
    [
      "an ARN of another partition",
      arn.replace("arn:aws:", "arn:aws-us-gov:"),
      api,
      ["Mutation.createEvent"],
    ],
    ["another API's ARN", arn.replace("APIID", "OTHER"), api, []],
    ["any API's ARN if no apiId is set", arn.replace("APIID", "OTHER"), unnamed, ["Mutation.createEvent"]],
    [
      "an ARN of a function that knows no region",
      arn.replace("us-east-1", "undefined"),
      api,
      ["Mutation.createEvent"],
    ],
    ["an ARN without a region", arn.replace("us-east-1", ""), api, ["Mutation.createEvent"]],
  ])("reads %s", (_, entry, name, wanted) => {
    expect(deniedField(entry, name)).toEqual(wanted);
  });

  it.each([
    ["a number", 7],
    ["a wildcard field", "Report.*"],
    ["a wildcard type", "*.profit"],
    ["a type alone", "Report"],
    ["three parts", "Report.profit.cents"],
    ["a space", "Report. profit"],
    ["a line break", "Report.profit\n"],
    ["an ARN of a type", "arn:aws:appsync:us-east-1:111122223333:apis/APIID/types/Mutation"],
    ["an ARN with a wildcard", arn.replace("createEvent", "*")],
    ["an ARN of every API", arn.replace("APIID", "*")],
    ["an ARN of another service", arn.replace("appsync", "execute-api")],
    ["this API in another region", arn.replace("us-east-1", "eu-west-1")],
    ["this API in another account", arn.replace("111122223333", "999922223333")],
  ])("makes the answer unusable for %s", (_, entry) => {
    try {
      deniedField(entry, api);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(AuthError);
      expect(error).toMatchObject({ code: "unavailable", reason: "authorizer_answer_malformed" });
    }
  });
});
