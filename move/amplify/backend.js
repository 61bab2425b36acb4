// The API as it runs on AWS: Amplify's transformer writes its schema and resolvers, Amplify's AppSync simulator runs them,
// and dynalite holds its DynamoDB tables.

import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import simulator from "@aws-amplify/amplify-appsync-simulator";
import { AuthTransformer } from "@aws-amplify/graphql-auth-transformer";
import { DefaultDirectives } from "@aws-amplify/graphql-directives";
import generator from "@aws-amplify/graphql-generator";
import { ModelTransformer } from "@aws-amplify/graphql-model-transformer";
import * as transformer from "@aws-amplify/graphql-transformer-core";
import { App, aws_appsync as appsync, NestedStack, Stack } from "aws-cdk-lib";
// @ts-expect-error: it has no types
import dynalite from "dynalite";

/** @typedef {Record<string, unknown>} Item */
/**
 * The records of a model. A write to a stored record fails if it changed since it was decided.
 * @typedef {{
 *   get(id: unknown): Promise<Item | undefined>, scan(filter: import("@authmodes/rules").DynamoDbFilter): Promise<Item[]>,
 *   put(item: Item, was?: Item): Promise<unknown>, remove(was: Item): Promise<unknown>,
 * }} Table
 */

const region = "eu-west-1";

/**
 * Starts the API. `outputs` is the client's file, `amplify_outputs.json`.
 * @param {string} sdl the models with their rules
 * @param {{ userPoolId: string, clientId: string, apiKey: string }} settings
 */
export async function startBackend(sdl, { userPoolId, clientId, apiKey }) {
  const { models, ...api } = transform(sdl, userPoolId);
  const database = await startDatabase(models);
  const server = new simulator.AmplifyAppSyncSimulator();
  const config = {
    ...api,
    dataSources: api.dataSources.map(({ name, table }) =>
      table === "NONE_DS"
        ? { name, type: "NONE" }
        : { name, type: "AMAZON_DYNAMODB", config: { ...database.config, tableName: table } },
    ),
    appSync: {
      name: "books",
      apiKey,
      defaultAuthenticationType: { authenticationType: "AMAZON_COGNITO_USER_POOLS" },
      additionalAuthenticationProviders: [{ authenticationType: "API_KEY" }],
    },
  };
  server.init(/** @type {never} */ (config)); // its types want enums, and templates in files
  listenOnLoopback(server);
  await server.start();
  const directives = DefaultDirectives.map(({ definition }) => definition).join("\n");
  const files = await generator.generateModels({ schema: sdl, target: "introspection", directives });
  const url = `${server.localhostUrl.replace("localhost", "127.0.0.1")}/graphql`;
  const outputs = {
    version: "1.4",
    auth: { aws_region: region, user_pool_id: userPoolId, user_pool_client_id: clientId },
    data: {
      url,
      aws_region: region,
      api_key: apiKey,
      default_authorization_type: "AMAZON_COGNITO_USER_POOLS",
      authorization_types: ["API_KEY"],
      model_introspection: JSON.parse(Object.values(files)[0] ?? ""),
    },
  };
  const stop = () => server.stop().finally(database.stop);
  return { url, schema: api.schema.content, tables: database.tables, outputs, stop };
}

/**
 * The simulator believes tokens that it does not verify, and would listen on all interfaces: no option of it names one.
 * @param {simulator.AmplifyAppSyncSimulator} server
 */
function listenOnLoopback(server) {
  /** @type {import("node:http").Server} */
  const httpServer = Reflect.get(Reflect.get(server, "_server"), "_httpServer");
  const listen = httpServer.listen.bind(httpServer);
  httpServer.listen = /** @type {never} */ ((/** @type {number} */ port) => listen(port, "127.0.0.1"));
}

/** Amplify's schema and resolvers, as a deployment sends them to AWS. @param {string} sdl @param {string} userPoolId */
function transform(sdl, userPoolId) {
  const stack = new Stack(new App({ analyticsReporting: false }), "books");
  const strategy = transformer.DDB_DEFAULT_DATASOURCE_STRATEGY;
  const strategies = transformer.constructDataSourceStrategies(sdl, strategy);
  new transformer.GraphQLTransform({
    transformers: [new ModelTransformer(), new AuthTransformer()],
    authConfig: {
      defaultAuthentication: {
        authenticationType: "AMAZON_COGNITO_USER_POOLS",
        userPoolConfig: { userPoolId },
      },
      additionalAuthenticationProviders: [
        { authenticationType: "API_KEY", apiKeyConfig: { apiKeyExpirationDays: 7 } },
      ],
    },
  }).transform({
    scope: stack,
    schema: sdl,
    synthParameters: { amplifyEnvironmentName: "NONE", apiName: "books", userPoolId },
    dataSourceStrategies: strategies,
    nestedStackProvider: { provide: (scope, name) => new NestedStack(scope, name) },
    // Nothing is uploaded: the location of a template is the template.
    assetProvider: {
      provide: (_scope, name, { fileContent }) => ({
        assetHash: name,
        httpUrl: "",
        s3BucketName: "",
        s3ObjectKey: name,
        s3ObjectUrl: fileContent,
      }),
    },
  });

  /** @template T @param {new (...args: never[]) => T} type */
  const all = (type) => stack.node.findAll().flatMap((part) => (part instanceof type ? [part] : []));
  /** @param {unknown} value */
  const text = (value) => textOf(stack.resolve(value));
  /** @param {appsync.CfnResolver | appsync.CfnFunctionConfiguration} part */
  const templates = (part) => ({
    requestMappingTemplate: text(part.requestMappingTemplate ?? part.requestMappingTemplateS3Location),
    responseMappingTemplate: text(part.responseMappingTemplate ?? part.responseMappingTemplateS3Location),
  });
  return {
    models: Object.keys(strategies),
    schema: { content: text(all(appsync.CfnGraphQLSchema)[0]?.definitionS3Location) },
    resolvers: all(appsync.CfnResolver).map((part) => ({
      kind: "PIPELINE",
      typeName: part.typeName,
      fieldName: part.fieldName,
      functions: stack.resolve(part.pipelineConfig).functions.map(textOf),
      ...templates(part),
    })),
    functions: all(appsync.CfnFunctionConfiguration).map((part) => ({
      name: text(part.attrFunctionId),
      dataSourceName: text(part.dataSourceName),
      ...templates(part),
    })),
    dataSources: all(appsync.CfnDataSource).map((part) => ({ name: text(part.attrName), table: part.name })),
  };
}

/** @typedef {string | { Ref: string } | { "Fn::GetAtt": [string, string] } | { "Fn::Join": [string, Value[]] }} Value */

/** A value of CloudFormation. References become the ids of what they refer to. @param {Value} value @returns {string} */
function textOf(value) {
  if (typeof value === "string") return value;
  if ("Ref" in value) return value.Ref;
  if ("Fn::GetAtt" in value) return value["Fn::GetAtt"][0];
  const [separator, parts] = value["Fn::Join"];
  return parts.map(textOf).join(separator);
}

/** @param {readonly string[]} models */
async function startDatabase(models) {
  const server = dynalite({ createTableMs: 0 });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const endpoint = `http://127.0.0.1:${server.address().port}`;
  const config = { endpoint, region, credentials: { accessKeyId: "none", secretAccessKey: "none" } };
  const client = new DynamoDB(config);
  /** @type {Record<string, Table>} */
  const tables = {};
  for (const model of models) {
    tables[model] = tableOf(client, `${model}Table`);
    await client.createTable({
      TableName: `${model}Table`,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    });
  }
  return { config, tables, stop: () => server.close() };
}

/** @param {DynamoDB} client @param {string} TableName @returns {Table} */
function tableOf(client, TableName) {
  /** @param {Item | undefined} was */
  const unchangedSince = (was) => ({
    ConditionExpression: was ? "updatedAt = :was" : "attribute_not_exists(id)",
    ...(was && { ExpressionAttributeValues: marshall({ ":was": was.updatedAt }) }),
  });
  return {
    async get(id) {
      const { Item } = await client.getItem({ TableName, Key: marshall({ id }) });
      return Item && unmarshall(Item);
    },
    async scan({ ExpressionAttributeValues: values, ...filter }) {
      const marshalled = values && { ExpressionAttributeValues: marshall(values) };
      const { Items = [] } = await client.scan({ TableName, ...filter, ...marshalled });
      return Items.map((item) => unmarshall(item));
    },
    put: (item, was) => client.putItem({ TableName, Item: marshall(item), ...unchangedSince(was) }),
    remove: (was) => client.deleteItem({ TableName, Key: marshall({ id: was.id }), ...unchangedSince(was) }),
  };
}
