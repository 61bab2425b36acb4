import { operations } from "../compile/operations.ts";
import { providers, strategies } from "../compile/words.ts";

/** What rules and their conditions have in common. */
const conditionArguments = `
  "Whom the rule is about."
  allow: AuthStrategy!
  "The field that holds the owner, or a list of owners."
  ownerField: String = "owner"
  "The claim that names the caller, or several joined by ::"
  identityClaim: String = "sub::username"
  "The claim that lists the groups of the caller."
  groupClaim: String = "cognito:groups"
  "These groups may."
  groups: [String!]
  "The groups that this field of the record names may."
  groupsField: String`;

/**
 * The definition of `@auth`, for GraphQL servers that build their schema from the same text. It is Amplify's, and what
 * there is here beyond it: `identityPool` of the newer transformer, `allOf`, `includeSignedIn`.
 */
export const authDirectiveSdl: string = `
directive @auth(rules: [AuthRule!]!) on OBJECT | FIELD_DEFINITION

input AuthRule {${conditionArguments}
  "What proves who calls: userPools for owner, groups and private, apiKey for public, function for custom."
  provider: AuthProvider
  "All of them unless given."
  operations: [ModelOperation!]
  "Only where these hold too."
  allOf: [AuthRuleCondition!]
  "For public rules of identity pools: signed-in users of the pool too."
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

/** The definitions of the other directives that `parseSchema` reads. */
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
