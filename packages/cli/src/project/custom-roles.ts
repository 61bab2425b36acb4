import { InputError, printable } from "../io.ts";

export function isCustomRoles(text: string): boolean {
  return text.includes('"adminRoleNames"');
}

/**
 * Amplify's `custom-roles.json`, for the option `adminRoles` of the rules.
 * @param env what `${env}` stands for
 * @throws InputError
 */
export function readCustomRoles(
  text: string,
  path: string,
  env: string | undefined,
  again: (...more: readonly string[]) => string,
): readonly string[] {
  const names = namesIn(text);
  if (names === undefined) {
    throw new InputError(`${printable(path)} is no custom-roles.json: { "adminRoleNames": ["my-role"] }`);
  }
  const placeholder = names.find((name) => /^<.*>$/.test(name) || name === "");
  if (placeholder !== undefined) {
    throw new InputError(
      `${printable(path)} holds the placeholder ${printable(placeholder)}; put the name of the role there`,
    );
  }
  if (env === undefined && names.some((name) => name.includes("${env}"))) {
    throw new InputError(`${printable(path)} uses \${env}. Say which it is:\n  ${again("--env", "dev")}`);
  }
  return names.map((name) => name.replaceAll("${env}", env ?? ""));
}

function namesIn(text: string): readonly string[] | undefined {
  try {
    const { adminRoleNames: names } = Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
    return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : undefined;
  } catch {
    return undefined;
  }
}
