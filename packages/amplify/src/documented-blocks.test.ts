import { describe, expect, it } from "vitest";
import { type AmplifyOptions, fromAmplify } from "./from-amplify.ts";

// Every block of configuration in AWS's guides to authorization: for REST APIs ("Define authorization rules", iOS and
// Android 2024, Flutter 2021, and an earlier draft) and for GraphQL APIs ("Customize authorization rules", 2024). Each is
// served as it is, or rejected with the fix, and served once it is fixed.

const iam = { credentials: () => undefined };
const authorizer = () => ({ isAuthorized: false });

async function modes(file: unknown, options: AmplifyOptions = {}): Promise<readonly string[]> {
  return (await fromAmplify(file, options)).modes;
}

/** A REST block as the guides write it. */
function rest(name: string, ...lines: readonly string[]): string {
  return `{
    "awsAPIPlugin": {
        "${name}": {
            "endpointType": "REST",
            "endpoint": "YOUR-REST-ENDPOINT",
            "region": "us-west-2",
            ${lines.join("\n            ")}
        }
    }
}`;
}

function cognito(poolId: string, clientId: string): string {
  return `{
    "CognitoUserPool": {
        "Default": {
            "PoolId": "${poolId}",
            "AppClientId": "${clientId}",
            "AppClientSecret": "YOUR-APP-CLIENT-SECRET",
            "Region": "us-east-1"
        }
    },
    "CredentialsProvider": {
        "CognitoIdentity": {
            "Default": {
                "PoolId": "YOUR-COGNITO-IDENTITY-POOLID",
                "Region": "us-east-1"
            }
        }
    }
}`;
}

const names = ["[YOUR-RESTENDPOINT-NAME]", "<YOUR-RESTENDPOINT-NAME>"];
const real = { poolId: "us-east-1_AbCdEfGhI", clientId: "3n4b5urk1ft4fl3mg5e62d9ado" };

describe.each([
  ["iOS and Android", names[0], "AWS_IAM"],
  ["Flutter", names[1], "AWS_IAM"],
  ["the draft", names[1], "IAM"],
])("REST, IAM, %s", (_, name = "", type) => {
  const block = rest(name, `"authorizationType": "${type}"`);

  it("is served with a finder for access keys: the placeholders are the client's", async () => {
    expect(await modes(block, { iam })).toEqual(["iam"]);
  });

  it("is rejected without one", async () => {
    await expect(modes(block)).rejects.toThrow(`'${name}' takes signed requests; give iam: { credentials }`);
  });
});

describe.each([
  ["iOS and Android", names[0], "apiKey", "YOUR_API_KEY"],
  ["Flutter", names[1], "apiKey", "YOUR_API_KEY"],
  ["the draft", names[1], "API_KEY", "[API_KEY]"],
])("REST, API key, %s", (_, name = "", key, placeholder) => {
  const block = rest(name, '"authorizationType": "API_KEY",', `"${key}": "${placeholder}"`);

  it("is rejected: the key is a placeholder", async () => {
    await expect(modes(block)).rejects.toThrow(`awsAPIPlugin.${name}.${key} holds a placeholder`);
  });

  it("is served with the real key, or with other keys", async () => {
    expect(await modes(block.replace(placeholder, "abcdefghij0123456789"))).toEqual(["apiKey"]);
    expect(await modes(block, { apiKeys: [] })).toEqual(["apiKey"]);
  });
});

describe.each([
  ["iOS and Android", names[0], "AMAZON_COGNITO_USER_POOLS", "YOUR-POOL-ID", "YOUR-APP-CLIENT-ID"],
  ["Flutter", names[1], "AMAZON_COGNITO_USER_POOLS", "YOUR-POOL-ID", "YOUR-APP-CLIENT-ID"],
  ["the draft", names[1], "COGNITO_USER_POOL", "POOL-ID", "APP-CLIENT-ID"],
])("REST, user pool, %s", (_, name = "", type, poolId, clientId) => {
  const block = rest(name, `"authorizationType": "${type}"`);
  const together = (pool: string) => ({ ...(JSON.parse(block) as object), ...(JSON.parse(pool) as object) });

  it("is rejected without the block of the pool", async () => {
    await expect(modes(block)).rejects.toThrow(
      "the file names none; give userPool: { userPoolId, clientId }",
    );
  });

  it("is rejected as the block of the pool alone", async () => {
    const message = "the configuration has no API, only a user pool; put the block with the API beside it";
    await expect(modes(cognito(poolId, clientId))).rejects.toThrow(message);
  });

  it("is rejected with placeholders for the pool or the client", async () => {
    await expect(modes(together(cognito(poolId, real.clientId)))).rejects.toThrow(
      "CognitoUserPool.Default.PoolId holds a placeholder",
    );
    await expect(modes(together(cognito(real.poolId, clientId)))).rejects.toThrow(
      "CognitoUserPool.Default.AppClientId holds a placeholder",
    );
  });

  it("is served with both blocks, the secret and the identity pool being the client's", async () => {
    expect(await modes(together(cognito(real.poolId, real.clientId)))).toEqual(["userPool"]);
  });

  it("is served with the pool as an option", async () => {
    const userPool = { userPoolId: real.poolId, clientId: real.clientId };
    expect(await modes(block, { userPool })).toEqual(["userPool"]);
  });
});

describe("REST, OIDC, iOS and Android", () => {
  const block = `{
  ...
  "awsAPIPlugin": {
    "[YOUR-RESTENDPOINT-NAME]": {
      "endpointType": "REST",
      "endpoint": "[REST-ENDPOINT]",
      "region": "[REGION]",
      "authorizationType": "OPENID_CONNECT",
    }
  }
}`;
  const fixed = block.replace("...", "");

  it("is rejected for what was left out", async () => {
    await expect(modes(block)).rejects.toThrow(
      "line 2, column 3: '...' stands for something left out; put it there",
    );
  });

  it("is rejected without an issuer, which no file of a client has", async () => {
    await expect(modes(fixed)).rejects.toThrow("the file names none; give oidc: { issuer, audience }");
  });

  it("is served with an issuer, the trailing comma and the placeholders notwithstanding", async () => {
    expect(await modes(fixed, { oidc: { issuer: "https://id.example.com", audience: "api" } })).toEqual([
      "oidc",
    ]);
  });
});

describe("REST, NONE, iOS and Android", () => {
  const block = `{
  ...
  "awsAPIPlugin": {
    "[yourApiName]": {
      "endpointType": "REST",
      "endpoint": "[REST-ENDPOINT]",
      "region": "[REGION]",
      "authorizationType": "NONE",
    }
  }
}`;
  const fixed = block.replace("...", "");

  it("is rejected for what was left out", async () => {
    await expect(modes(block)).rejects.toThrow("line 2, column 3: '...' stands for something left out");
  });

  it("is rejected until an option lets callers in without credentials", async () => {
    await expect(modes(fixed)).rejects.toThrow(
      "give none: true to let callers without credentials in, or none: null",
    );
    expect(await modes(fixed, { none: true })).toEqual(["none"]);
  });

  it("is served with what the app adds itself", async () => {
    const options = {
      none: null,
      additionalModes: ["lambda"],
      lambda: { authorizer, event: "token" },
    } as const;
    expect(await modes(fixed, options)).toEqual(["lambda"]);
  });
});

describe("GraphQL, the client's configuration", () => {
  const block = `{
  "Auth": {
    "Cognito": {
      "userPoolId": "YOUR_USER_POOL_ID",
      "userPoolClientId": "YOUR_USER_POOL_CLIENT_ID",
      "identityPoolId": "YOUR_IDENTITY_POOL_ID",
      "allowGuestAccess": true
    },
  },
  "API": {
    "GraphQL": {
      "endpoint": "YOUR_API_ENDPOINT",
      "region": "YOUR_API_REGION",
      "defaultAuthMode": "YOUR_DEFAULT_AUTHORIZATION_MODE",
    },
  },
}`;

  it("is rejected: the mode is a placeholder", async () => {
    await expect(modes(block)).rejects.toThrow(
      "API.GraphQL.defaultAuthMode holds a placeholder; it is one of API_KEY",
    );
  });

  it("is rejected for a placeholder that the mode needs, and served with the real value", async () => {
    const signed = block.replace("YOUR_DEFAULT_AUTHORIZATION_MODE", "identityPool");
    await expect(modes(signed, { iam })).rejects.toThrow("API.GraphQL.region holds a placeholder");
    expect(await modes(signed.replace("YOUR_API_REGION", "eu-west-1"), { iam })).toEqual(["iam"]);
    const pool = block.replace("YOUR_DEFAULT_AUTHORIZATION_MODE", "userPool");
    await expect(modes(pool)).rejects.toThrow("Auth.Cognito.userPoolId holds a placeholder");
    const ids = pool
      .replace("YOUR_USER_POOL_ID", real.poolId)
      .replace("YOUR_USER_POOL_CLIENT_ID", real.clientId);
    expect(await modes(ids)).toEqual(["userPool"]);
  });
});

describe("GraphQL, the backend's CDK code", () => {
  const days = (count: number) => ({ toMilliseconds: () => count * 86_400_000 });

  it("with an identity pool is served, from its code and as an object", async () => {
    const text = `// Note: this sample uses the alpha Cognito Identity Pool construct
import cognito_identitypool from '@aws-cdk/aws-cognito-identitypool-alpha';

new AmplifyGraphqlApi(this, "MyNewApi", {
  authorizationModes: {
    defaultAuthorizationMode: 'API_KEY',
    apiKeyConfig: {
      expires: cdk.Duration.days(30)
    },
    identityPoolConfig: {
      identityPoolId: identityPool.identityPoolId,
      authenticatedUserRole: identityPool.authenticatedRole,
      unauthenticatedUserRole: identityPool.unauthenticatedRole,
    }
  },
})`;
    const authorizationModes = {
      defaultAuthorizationMode: "API_KEY",
      apiKeyConfig: { expires: days(30) },
      identityPoolConfig: {
        identityPoolId: "us-east-1:1",
        authenticatedUserRole: {},
        unauthenticatedUserRole: {},
      },
    };
    await expect(modes({ authorizationModes })).rejects.toThrow("the file holds none; give apiKeys");
    await expect(modes({ authorizationModes }, { apiKeys: [], iam })).rejects.toThrow(
      "give iam: { region } too",
    );
    const options = { apiKeys: [], iam: { ...iam, region: "us-east-1" } };
    expect(await modes({ authorizationModes }, options)).toEqual(["apiKey", "iam"]);
    expect(await modes(text, options)).toEqual(["apiKey", "iam"]);
  });

  it("with an authorizer is served, from its code and as an object", async () => {
    const text = `const amplifyApi = new AmplifyGraphqlApi(this, 'MyNewApi', {
  definition: AmplifyGraphqlDefinition.fromFiles(
    path.join(__dirname, 'schema.graphql')
  ),
  authorizationModes: {
    defaultAuthorizationMode: 'AWS_LAMBDA',
    lambdaConfig: {
      function: new lambda.Function(this, 'MyAuthLambda', {
        code: lambda.Code.fromAsset(path.join(__dirname, 'handlers/auth')),
        handler: 'index.handler',
        runtime: lambda.Runtime.NODEJS_18_X
      }),
      ttl: cdk.Duration.seconds(10)
    }
  }
});`;
    const lambdaConfig = { function: {}, ttl: { toMilliseconds: () => 10_000 } };
    const file = { authorizationModes: { defaultAuthorizationMode: "AWS_LAMBDA", lambdaConfig } };
    for (const served of [file, text]) {
      await expect(modes(served)).rejects.toThrow(
        "takes tokens for a Lambda authorizer; give lambda: { authorizer }",
      );
      expect(await modes(served, { lambda: { authorizer } })).toEqual(["lambda"]);
    }
  });

  it("with IAM for any principal is served, from its code and as an object", async () => {
    const text = `const amplifyApi = new AmplifyGraphqlApi(this, 'MyNewApi', {
  authorizationModes: {
    defaultAuthorizationMode: 'API_KEY',
    apiKeyConfig: {
      expires: cdk.Duration.days(30)
    },
    iamConfig: {
      // Must be set to \`true\`. Then grant your Lambda function's execution role access to the API
      enableIamAuthorizationMode: true
    }
  }
});`;
    const literal = text.slice(text.indexOf("{"), text.lastIndexOf(")"));
    const options = { apiKeys: [], iam: { ...iam, region: "us-east-1" } };
    expect(await modes(text, options)).toEqual(["apiKey", "iam"]);
    expect(await modes(literal, options)).toEqual(["apiKey", "iam"]);
    const enabled = text.replace("enableIamAuthorizationMode: true", "enableIamAuthorizationMode: props.iam");
    await expect(modes(enabled, options)).rejects.toThrow(
      "authorizationModes.iamConfig.enableIamAuthorizationMode is code on line 9, column 35, and nothing is executed",
    );
  });

  it("with OIDC is rejected for what it leaves out, and served once that is filled in", async () => {
    const text = `const amplifyApi = new AmplifyGraphqlApi(this, 'MyNewApi', {
  authorizationModes: {
    defaultAuthorizationMode: 'OPENID_CONNECT',
    oidcConfig: {
      oidcIssuerUrl: '...',
      oidcProviderName: '...',
      tokenExpiryFromAuth: '...',
      tokenExpiryFromIssue: '...',
      clientId: '...'
    }
  }
});`;
    const literal = text.slice(text.indexOf("{"), text.lastIndexOf(")"));
    const ages = literal
      .replace("tokenExpiryFromAuth: '...'", "tokenExpiryFromAuth: 86400000")
      .replace("tokenExpiryFromIssue: '...'", "tokenExpiryFromIssue: 3600000");
    const issuer = ages.replace("oidcIssuerUrl: '...'", "oidcIssuerUrl: 'https://id.example.com'");
    const client = issuer.replace("clientId: '...'", "clientId: '0oa1b2c3'");
    const path = "authorizationModes.oidcConfig";
    await expect(modes(literal)).rejects.toThrow(
      `${path}.tokenExpiryFromAuth is a number or a Duration of the CDK`,
    );
    await expect(modes(ages)).rejects.toThrow(`${path}.oidcIssuerUrl holds a placeholder`);
    await expect(modes(issuer)).rejects.toThrow(`${path}.clientId holds a placeholder`);
    expect(await modes(client)).toEqual(["oidc"]);
  });

  it("with the sandbox mode is rejected: it names no mode", async () => {
    const text = `new AmplifyGraphqlApi(this, "MyNewApi", {
  ...,
  translationBehavior: {
    sandboxModeEnabled: true
  }
});`;
    await expect(modes(text)).rejects.toThrow("line 2, column 3: '...' stands for something left out");
    await expect(modes({ translationBehavior: { sandboxModeEnabled: true } })).rejects.toThrow(
      "none of them",
    );
  });
});

describe("GraphQL, custom-roles.json", () => {
  it("is rejected: it says what roles may do, not how callers are authenticated", async () => {
    await expect(modes('{ "adminRoleNames": ["<YOUR_IAM_USER_OR_ROLE_NAME>"] }')).rejects.toThrow(
      "none of them",
    );
    await expect(
      modes('{ "adminRoleNames": ["<YOUR_IAM_ROLE_NAME>", "<YOUR_AWS_RESOURCE_NAME>"] }'),
    ).rejects.toThrow("none of them");
  });
});
