import type { Identity } from "@authmodes/core";
import type { Provider } from "@authmodes/rules";
import { type ConstDirectiveNode, type GraphQLObjectType, Kind, valueFromASTUntyped } from "graphql";
import type { Field } from "./copy-schema.ts";

// AppSync's directives: by which mode a field may be reached. Several are OR-ed, those of a field replace those of its
// type, and what has none is open to the API's default mode alone.
// Source: AWS AppSync developer guide, "Using additional authorization modes".

/** The definitions of AppSync's directives, for servers that build their schema from the same text. */
export const awsDirectivesSdl: string = `
directive @aws_api_key on OBJECT | FIELD_DEFINITION
directive @aws_iam on OBJECT | FIELD_DEFINITION
directive @aws_oidc on OBJECT | FIELD_DEFINITION
directive @aws_lambda on OBJECT | FIELD_DEFINITION
directive @aws_cognito_user_pools(cognito_groups: [String!]) on OBJECT | FIELD_DEFINITION
directive @aws_auth(cognito_groups: [String!]!) on OBJECT | FIELD_DEFINITION
`;

const providers: Readonly<Record<string, Provider>> = {
  aws_api_key: "apiKey",
  aws_iam: "identityPool",
  aws_oidc: "oidc",
  aws_lambda: "function",
  aws_cognito_user_pools: "userPools",
  aws_auth: "userPools",
};

/** One directive: a mode, for user pools perhaps with groups. */
export interface Admission {
  readonly provider: Provider;
  /** undefined: whichever. */
  readonly groups: readonly string[] | undefined;
}

/**
 * Who may reach a field; undefined where its rules alone say.
 * @param isUnderRules the field or its type is of a model: without a directive its rules decide
 * @throws TypeError for an @aws_auth that would have no effect
 */
export function admissionsOf(
  type: GraphQLObjectType,
  field: Field,
  isUnderRules: boolean,
  configured: readonly Provider[],
): readonly Admission[] | undefined {
  const ofField = read(field.astNode?.directives ?? [], configured);
  if (ofField.length > 0) return ofField;
  const nodes = [type.astNode, ...type.extensionASTNodes];
  const ofType = read(
    nodes.flatMap((node) => node?.directives ?? []),
    configured,
  );
  if (ofType.length > 0) return ofType;
  if (isUnderRules) return undefined;
  return configured.slice(0, 1).map((provider) => ({ provider, groups: undefined }));
}

export function isAdmitted(admissions: readonly Admission[], identity: Identity): boolean {
  return admissions.some(
    ({ provider, groups }) =>
      provider === providerOf(identity.mode) &&
      (groups === undefined || groups.some((group) => identity.groups.includes(group))),
  );
}

function read(
  directives: readonly ConstDirectiveNode[],
  configured: readonly Provider[],
): readonly Admission[] {
  return directives.flatMap((directive): readonly Admission[] => {
    const name = directive.name.value;
    const provider = Object.hasOwn(providers, name) ? providers[name] : undefined;
    if (provider === undefined) return [];
    if (name === "aws_auth" && configured.some((other) => other !== "userPools")) {
      throw new TypeError(
        "@aws_auth has an effect only where user pools are the sole mode. Write @aws_cognito_user_pools(cognito_groups: […]).",
      );
    }
    return [{ provider, groups: groupsOf(directive) }];
  });
}

function groupsOf(directive: ConstDirectiveNode): readonly string[] | undefined {
  const value = directive.arguments?.find(({ name }) => name.value === "cognito_groups")?.value;
  if (value === undefined || value.kind === Kind.NULL) return undefined;
  const groups: readonly unknown[] = [valueFromASTUntyped(value)].flat();
  return groups.filter((group) => typeof group === "string");
}

const providersOfModes: Readonly<Record<Identity["mode"], Provider | undefined>> = {
  apiKey: "apiKey",
  iam: "identityPool",
  userPool: "userPools",
  oidc: "oidc",
  lambda: "function",
  none: undefined,
};

function providerOf(mode: Identity["mode"]): Provider | undefined {
  return Object.hasOwn(providersOfModes, mode) ? providersOfModes[mode] : undefined;
}
