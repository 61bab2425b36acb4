import { describe, expect, it } from "vitest";
import { real } from "./placeholder.ts";

describe("real", () => {
  it.each([
    "YOUR-POOL-ID",
    "YOUR_API_KEY",
    "POOL-ID",
    "APP-CLIENT-ID",
    "<your_user_pool>",
    "<YOUR-CLIENT>",
    "[API_KEY]",
    "[REGION]",
    "[YOUR COGNITO USER POOL ID]",
    "{region}",
    "{{ key }}",
    "us-east-1_${pool}",
    "us-east-1_XXXXXXXXX",
    "xxxxxxxxxxxxxxxxxxxxxxxxxx",
    "da2-xxxxxxxxxxxxxxxxxxxxxxxxxx",
    "...",
    "…",
    "null",
    "undefined",
    "your-api-key",
  ])("refuses the placeholder %s and does not quote it", (text) => {
    expect(() => real({ path: "api.key", text })).toThrow(
      /^fromAmplify\(\): api\.key holds a placeholder; put the real value there, or give it as an option$/,
    );
  });

  it.each([
    "us-east-1_AbCdEfGhI",
    "da2-abcdefghijklmnopqrstuvwxyz",
    "3n4b5urk1ft4fl3mg5e62d9ado",
    "eu-west-1",
    "0oa1b2c3|0oa9z8y7",
    "https://id.example.com/",
    "XK3PQZ7RTM9WLD2VNB8C",
    "four-years-key",
  ])("takes %s", (text) => {
    expect(real({ path: "x", text })).toBe(text);
  });
});
