import {
  AccessControlMatrix,
  AuthTransformer,
  MODEL_OPERATIONS,
} from "@aws-amplify/graphql-auth-transformer";
import { IndexTransformer, PrimaryKeyTransformer } from "@aws-amplify/graphql-index-transformer";
import { ModelTransformer } from "@aws-amplify/graphql-model-transformer";
import {
  BelongsToTransformer,
  HasManyTransformer,
  HasOneTransformer,
  ManyToManyTransformer,
} from "@aws-amplify/graphql-relational-transformer";
import { DDB_DEFAULT_DATASOURCE_STRATEGY, GraphQLTransform } from "@aws-amplify/graphql-transformer-core";
import { App, NestedStack, Stack } from "aws-cdk-lib";
import type { Provider } from "@authmodes/rules";
import { type Answer, type Cells, cellKey } from "./answer.ts";

type AuthConfig = NonNullable<ConstructorParameters<typeof GraphQLTransform>[0]["authConfig"]>;
type AuthEntry = AuthConfig["defaultAuthentication"];

const entries: Readonly<Record<Provider, AuthEntry>> = {
  apiKey: { authenticationType: "API_KEY", apiKeyConfig: { apiKeyExpirationDays: 7 } },
  userPools: {
    authenticationType: "AMAZON_COGNITO_USER_POOLS",
    userPoolConfig: { userPoolId: "eu-west-1_a" },
  },
  identityPool: { authenticationType: "AWS_IAM" },
  oidc: {
    authenticationType: "OPENID_CONNECT",
    openIDConnectConfig: { name: "oidc", issuerUrl: "https://issuer.example" },
  },
  function: {
    authenticationType: "AWS_LAMBDA",
    lambdaAuthorizerConfig: { lambdaFunction: "authorizer", ttlSeconds: 0 },
  },
};

/** Runs the whole transformation, as a deployment does up to the templates of the stack. */
export function askTransformer(
  sdl: string,
  models: readonly string[],
  providers: readonly Provider[],
): Answer {
  const auth = new AuthTransformer();
  try {
    transform(sdl, [...models, "Link"], auth, authConfigOf(providers));
  } catch (error) {
    return {
      refused: [{ code: "transformer", message: error instanceof Error ? error.message : String(error) }],
    };
  }
  return { cells: cellsOf(auth) };
}

function authConfigOf(providers: readonly Provider[]): AuthConfig {
  const [first = "apiKey", ...others] = providers;
  return {
    defaultAuthentication: entries[first],
    additionalAuthenticationProviders: others.map((provider) => entries[provider]),
  };
}

function transform(
  sdl: string,
  models: readonly string[],
  auth: AuthTransformer,
  authConfig: AuthConfig,
): void {
  const model = new ModelTransformer();
  const index = new IndexTransformer();
  const hasOne = new HasOneTransformer();
  const stack = new Stack(new App({ analyticsReporting: false }), "stack");
  new GraphQLTransform({
    transformers: [
      model,
      new HasManyTransformer(),
      hasOne,
      new ManyToManyTransformer(model, index, hasOne, auth),
      new BelongsToTransformer(),
      new PrimaryKeyTransformer(),
      index,
      auth,
    ],
    authConfig,
  }).transform({
    scope: stack,
    schema: sdl,
    synthParameters: {
      amplifyEnvironmentName: "NONE",
      apiName: "api",
      authenticatedUserRoleName: "auth",
      unauthenticatedUserRoleName: "unauth",
      userPoolId: "eu-west-1_a",
      identityPoolId: "eu-west-1:pool",
    },
    dataSourceStrategies: Object.fromEntries(models.map((name) => [name, DDB_DEFAULT_DATASOURCE_STRATEGY])),
    nestedStackProvider: { provide: (scope, name) => new NestedStack(scope, name) },
    assetProvider: { provide: (_, name) => assetOf(name) },
  });
}

/** Templates are not uploaded or read here. */
function assetOf(
  name: string,
): Record<"assetHash" | "httpUrl" | "s3BucketName" | "s3ObjectKey" | "s3ObjectUrl", string> {
  return {
    assetHash: name,
    httpUrl: `https://bucket.example/${name}`,
    s3BucketName: "bucket",
    s3ObjectKey: name,
    s3ObjectUrl: `s3://bucket/${name}`,
  };
}

/** The matrices that the templates were made of; the transformer keeps them to itself. */
function cellsOf(auth: AuthTransformer): Cells {
  const matrices: unknown = Reflect.get(auth, "authModelConfig");
  if (!(matrices instanceof Map)) throw new TypeError("This transformer keeps its matrices elsewhere.");
  const cells = new Map<string, boolean>();
  for (const matrix of matrices.values()) {
    if (!(matrix instanceof AccessControlMatrix)) throw new TypeError("This transformer has other matrices.");
    const model = matrix.getName();
    for (const role of matrix.getRoles()) {
      for (const field of matrix.getResources()) {
        for (const operation of MODEL_OPERATIONS) {
          const key = cellKey(model, role.slice(model.length + 1), field, operation);
          cells.set(key, matrix.isAllowed(role, field, operation));
        }
      }
    }
  }
  return cells;
}
