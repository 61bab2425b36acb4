import type { Identity } from "@authmodes/core";
import { closest, must } from "@authmodes/core/options";
import { type Provider, providerOfMode, providers } from "@authmodes/rules";
import {
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLObjectType,
  valueFromASTUntyped,
} from "graphql";
import { own } from "./rule-fields.ts";

// AppSync's directives, which name the modes that a field is open to. Several are alternatives. Those of a field replace
// those of its type. A field without any is open to the API's default mode only.
// Source: AWS AppSync developer guide, "Using additional authorization modes".

/** The SDL definitions of AppSync's directives, for servers that build their schema from the same text. */
export const awsDirectivesSdl: string = `
directive @aws_api_key on OBJECT | FIELD_DEFINITION
directive @aws_iam on OBJECT | FIELD_DEFINITION
directive @aws_oidc on OBJECT | FIELD_DEFINITION
directive @aws_lambda on OBJECT | FIELD_DEFINITION
directive @aws_cognito_user_pools(cognito_groups: [String!]) on OBJECT | FIELD_DEFINITION
directive @aws_auth(cognito_groups: [String!]!) on OBJECT | FIELD_DEFINITION
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
`;

const providerOfDirective: Readonly<Record<string, Provider>> = {
  aws_api_key: "apiKey",
  aws_iam: "identityPool",
  aws_oidc: "oidc",
  aws_lambda: "function",
  aws_cognito_user_pools: "userPools",
  aws_auth: "userPools",
};

/** @throws TypeError if it is not a list of providers */
export function checkProviders(names: readonly Provider[]): void {
  const isList = Array.isArray(names);
  must(isList, 'protect(): awsDirectives takes the providers of the API: { providers: ["apiKey"] }.');
  for (const name of names) {
    const meant = providerOfMode.get(name) ?? closest(String(name), providers) ?? providers.join("', '");
    must(
      providers.includes(name),
      `protect(): awsDirectives: there is no provider '${name}'. Write '${meant}'.`,
    );
  }
}

/** A mode that a directive admits; for user pools also the groups. */
export interface AdmittedMode {
  readonly provider: Provider;
  /** undefined if callers need no group. */
  readonly groups: readonly string[] | undefined;
}

/**
 * The modes that a field is open to; undefined if only its rules decide.
 * @param isUnderRules whether rules of a model cover the field, so that it needs no directive
 * @param configured the providers of the API, its default first
 * @throws TypeError for an @aws_auth that has no effect
 */
export function modesOf(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  isUnderRules: boolean,
  configured: readonly Provider[],
): readonly AdmittedMode[] | undefined {
  for (const nodes of [[field.astNode], [type.astNode, ...type.extensionASTNodes]]) {
    const directives = nodes.flatMap((node) => node?.directives ?? []);
    const found = directives.flatMap((directive) => modeOf(directive, configured) ?? []);
    if (found.length > 0) return found;
  }
  if (isUnderRules) return undefined;
  return configured.slice(0, 1).map((provider) => ({ provider, groups: undefined }));
}

export function isAdmitted(admitted: readonly AdmittedMode[], identity: Identity): boolean {
  return admitted.some(
    ({ provider, groups }) =>
      providerOfMode.get(identity.mode) === provider &&
      (groups === undefined || groups.some((group) => identity.groups.includes(group))),
  );
}

function modeOf(directive: ConstDirectiveNode, configured: readonly Provider[]): AdmittedMode | undefined {
  const name = directive.name.value;
  const provider = own(providerOfDirective, name);
  if (provider === undefined) return undefined;
  must(
    name !== "aws_auth" || configured.every((other) => other === "userPools"),
    "@aws_auth has an effect only if user pools are the sole mode. Write @aws_cognito_user_pools(cognito_groups: […]).",
  );
  return { provider, groups: groupsOf(directive) };
}

function groupsOf(directive: ConstDirectiveNode): readonly string[] | undefined {
  // With a misspelt argument, which graphql-js accepts under `assumeValidSDL`, it is open to no group.
  if ((directive.arguments ?? []).length === 0) return undefined;
  return [argumentOf(directive, "cognito_groups")].flat().filter((group) => typeof group === "string");
}

export function argumentOf(directive: ConstDirectiveNode, name: string): unknown {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value && valueFromASTUntyped(value);
}
