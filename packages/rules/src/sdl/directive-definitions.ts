import { operations } from "../compile/operations.ts";
import { providers, strategies } from "../compile/words.ts";

/** The arguments that rules and their conditions have in common. */
const conditionArguments = `
  "The callers that the rule admits."
  allow: AuthStrategy!
  "The field that holds the owner, or a list of owners."
  ownerField: String = "owner"
  "The claim that names the caller, or several joined by ::."
  identityClaim: String = "sub::username"
  "The claim that lists the groups of the caller."
  groupClaim: String = "cognito:groups"
  "The groups whose members the rule admits."
  groups: [String!]
  "The field of the record that names the group, or a list of groups."
  groupsField: String`;

/**
 * The SDL definition of `@auth`, for GraphQL servers that build their schema from the same text. It is Amplify's, with
 * `identityPool` (of the newer transformer), `allOf` and `includeSignedIn` added.
 */
export const authDirectiveSdl: string = `
directive @auth(rules: [AuthRule!]!) on OBJECT | FIELD_DEFINITION

input AuthRule {${conditionArguments}
  "How callers are authenticated. Default: userPools for owner, groups and private, apiKey for public, function for custom."
  provider: AuthProvider
  "Default: all of them."
  operations: [ModelOperation!]
  "Further conditions, all of which must hold."
  allOf: [AuthRuleCondition!]
  "Public rules of identity pools: admits signed-in users of the pool as well."
  includeSignedIn: Boolean
}

input AuthRuleCondition {${conditionArguments}
}

enum AuthStrategy {
  ${strategies.join("\n  ")}
}

enum AuthProvider {
  ${providers.join("\n  ")}
  iam @deprecated(reason: "Write identityPool.")
}

enum ModelOperation {
  ${operations.join("\n  ")}
  "Stands for get, list, search, listen and sync."
  read
}
`;

/** The SDL definitions of the other directives that `parseSchema` reads: `@model`, `@index`, `@hasMany` and so on. */
export const modelDirectivesSdl: string = `
directive @model(
  queries: ModelQueries
  mutations: ModelMutations
  subscriptions: ModelSubscriptions
  timestamps: ModelTimestamps
) on OBJECT

input ModelQueries {
  get: String
  list: String
  sync: String
}

input ModelMutations {
  create: String
  update: String
  delete: String
}

input ModelSubscriptions {
  level: ModelSubscriptionLevel
  onCreate: [String]
  onUpdate: [String]
  onDelete: [String]
}

enum ModelSubscriptionLevel {
  on
  off
  public
}

input ModelTimestamps {
  createdAt: String
  updatedAt: String
}

directive @primaryKey(sortKeyFields: [String!]) on FIELD_DEFINITION
directive @index(name: String, sortKeyFields: [String!], queryField: String) repeatable on FIELD_DEFINITION
directive @hasOne(fields: [String!], references: [String!]) on FIELD_DEFINITION
directive @hasMany(fields: [String!], references: [String!], indexName: String, limit: Int) on FIELD_DEFINITION
directive @belongsTo(fields: [String!], references: [String!]) on FIELD_DEFINITION
directive @manyToMany(relationName: String!, limit: Int) on FIELD_DEFINITION
directive @default(value: String) on FIELD_DEFINITION
`;
