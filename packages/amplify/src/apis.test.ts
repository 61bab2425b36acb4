import { describe, expect, it } from "vitest";
import { apiNames, describeApi } from "./apis.ts";

const api = (type: string) => ({
  endpointType: "REST",
  endpoint: "https://x.execute-api.eu-west-1.amazonaws.com/prod",
  authorizationType: type,
});
const file = { awsAPIPlugin: { orders: api("AWS_IAM"), stock: api("API_KEY"), broken: api("API_KYE") } };

describe("the APIs of a configuration", () => {
  it("are named, of data, text and bytes", () => {
    const text = JSON.stringify(file);
    for (const form of [file, text, new TextEncoder().encode(text)]) {
      expect(apiNames(form)).toEqual(["orders", "stock", "broken"]);
    }
  });

  it("have modes, read for the one that is asked about", () => {
    expect(describeApi(file, "orders").modes).toEqual(["iam"]);
    expect(describeApi({ awsAPIPlugin: { stock: api("API_KEY") } }).modes).toEqual(["apiKey"]);
    expect(() => describeApi(file, "broken")).toThrow("write 'API_KEY'");
    expect(() => describeApi(file)).toThrow("several APIs; name one");
    expect(() => describeApi(file, "order")).toThrow("write 'orders'");
  });
});
