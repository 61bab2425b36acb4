import { expect, it } from "vitest";
import { rightsFrom } from "./rights.ts";
import { tenantFinder } from "./token-mode.ts";
import type { TokenRules } from "./token-verifier.ts";

const rules: TokenRules<object> = {
  algorithms: ["RS256"],
  options: {},
  check: () => {},
  rights: rightsFrom(undefined, []),
  identify: () => ({}),
};

function tenantsOf<O extends { readonly jwksUri?: string }>(lookUp: (issuer: string) => O | undefined) {
  const find = tenantFinder(lookUp, () => rules, undefined);
  return async (name: string | number) => (await find(`https://t${name}.example.com`))?.keys;
}

it("keeps a thousand tenants, and of more those that were seen last", async () => {
  const keysOf = tenantsOf(() => ({}));
  const first = await keysOf(0);
  const second = await keysOf(1);
  for (let i = 2; i < 1000; i++) await keysOf(i);
  expect(await keysOf(0)).toBe(first);
  for (let i = 1000; i < 1999; i++) await keysOf(i);
  expect(await keysOf(0)).toBe(first);
  await keysOf(1999);
  await keysOf(2000);
  expect(await keysOf(1)).not.toBe(second);
});

it("fetches keys again if their URL changed, or if the tenant was gone", async () => {
  let options: { readonly jwksUri?: string } | undefined = {};
  const keysOf = tenantsOf(() => options);
  const first = await keysOf(0);
  options = { ...options };
  expect(await keysOf(0)).toBe(first);
  options = { jwksUri: "https://keys.example.com" };
  const elsewhere = await keysOf(0);
  expect(elsewhere).not.toBe(first);
  options = undefined;
  expect(await keysOf(0)).toBeUndefined();
  options = { jwksUri: "https://keys.example.com" };
  expect(await keysOf(0)).not.toBe(elsewhere);
});

it("makes one key set for tokens that come at the same time", async () => {
  const keysOf = tenantsOf(() => ({}));
  const [one, other] = await Promise.all([keysOf(0), keysOf(0)]);
  expect(one).toBe(other);
});
