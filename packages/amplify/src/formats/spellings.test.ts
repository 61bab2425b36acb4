import { describe, expect, it } from "vitest";
import { readMode } from "./spellings.ts";

const spellings = {
  apiKey: [
    "API_KEY",
    "apiKey",
    "AUTH_TYPE.API_KEY",
    ".apiKey",
    "publicApiKey()",
    "publicApiKey",
    "@aws_api_key",
    "API Key Authorization",
  ],
  iam: [
    "AWS_IAM",
    "IAM",
    "iam",
    "identityPool",
    "AMAZON_COGNITO_IDENTITY_POOL",
    "guest()",
    "authenticated('identityPool')",
    ".awsIAM",
    "@aws_iam",
    "IAM Authorization",
  ],
  userPool: [
    "AMAZON_COGNITO_USER_POOLS",
    "COGNITO_USER_POOL",
    "COGNITO_USER_POOLS",
    "userPool",
    "userPools",
    "USER_POOL",
    ".amazonCognitoUserPools",
    "@aws_cognito_user_pools",
    "User Pool Authorization",
  ],
  oidc: [
    "OPENID_CONNECT",
    "oidc",
    "OIDC",
    ".openIDConnect",
    "@aws_oidc",
    "Open ID Connect Authorization",
    "JWT",
  ],
  lambda: [
    "AWS_LAMBDA",
    "LAMBDA",
    "lambda",
    "function",
    "custom",
    ".function",
    "CUSTOM",
    "@aws_lambda",
    "Lambda Authorization",
  ],
  none: ["NONE", "none", ".none"],
};
const all = Object.entries(spellings).flatMap(([mode, texts]) => texts.map((text) => [text, mode] as const));

describe("readMode", () => {
  it.each(all)("reads %s as %s", (text, mode) => {
    expect(readMode({ path: "api.authorizationType", text })).toBe(mode);
  });

  it.each([
    ["API KEY", "API_KEY"],
    ["ApiKeys", "API_KEY"],
    ["AWSIAM", "AWS_IAM"],
    ["aws_iam", "AWS_IAM"],
    ["AMAZON_COGNITO_USERPOOLS", "AMAZON_COGNITO_USER_POOLS"],
    ["COGNITO_USERPOOL", "AMAZON_COGNITO_USER_POOLS"],
    ["user-pool", "AMAZON_COGNITO_USER_POOLS"],
    ["Cognito user pool", "AMAZON_COGNITO_USER_POOLS"],
    ["OPEN_ID_CONNECT", "OPENID_CONNECT"],
    ["OpenIDConnect", "OPENID_CONNECT"],
    ["AWS_LAMDA", "AWS_LAMBDA"],
    ["Lambda", "AWS_LAMBDA"],
    ["None", "NONE"],
  ])("refuses %s and writes %s", (text, right) => {
    const sentence = `api.authorizationType has the unknown mode '${text}'; write '${right}'`;
    expect(() => readMode({ path: "api.authorizationType", text })).toThrow(sentence);
    expect(() => readMode({ path: "api.authorizationType", text })).toThrow(TypeError);
  });

  it.each(["kerberos", "toString", ""])("refuses '%s' and lists the modes", (text) => {
    expect(() => readMode({ path: "x", text })).toThrow(
      `x has the unknown mode '${text}'; it is one of API_KEY, AWS_IAM, AMAZON_COGNITO_USER_POOLS, ` +
        "OPENID_CONNECT, AWS_LAMBDA, NONE",
    );
  });

  it.each(["YOUR_DEFAULT_AUTHORIZATION_MODE", "<mode>", "..."])("refuses the placeholder %s", (text) => {
    expect(() => readMode({ path: "x", text })).toThrow("x holds a placeholder; it is one of API_KEY, ");
  });
});
