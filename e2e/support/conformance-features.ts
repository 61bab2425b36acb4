import { setTimeout as sleep } from "node:timers/promises";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  type ContentBlock,
  CreateMessageResultSchema,
  ElicitResultSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  type ServerNotification,
  type ServerRequest,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";

// The tools, prompts and resources that the scenarios of @modelcontextprotocol/conformance ask for.

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;
type Arguments = Readonly<Record<string, unknown>>;

const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";
const text = (value: string) => ({ type: "text" as const, text: value });
const image = { type: "image" as const, data: png, mimeType: "image/png" };
const embedded = (uri: string, value: string, mimeType = "text/plain") => ({
  type: "resource" as const,
  resource: { uri, mimeType, text: value },
});

async function elicit(extra: Extra, message: string, properties: object, required: readonly string[] = []) {
  const requestedSchema = { type: "object", properties, required };
  const request = { method: "elicitation/create", params: { message, requestedSchema } };
  const { action, content } = await extra.sendRequest(request as ServerRequest, ElicitResultSchema);
  return text(`action=${action}, content=${JSON.stringify(content)}`);
}

async function sample(extra: Extra, prompt: string): Promise<ContentBlock> {
  const params = { messages: [{ role: "user" as const, content: text(prompt) }], maxTokens: 100 };
  const { content } = await extra.sendRequest(
    { method: "sampling/createMessage", params },
    CreateMessageResultSchema,
  );
  return text(`LLM response: ${JSON.stringify(content)}`);
}

async function log(extra: Extra): Promise<ContentBlock> {
  for (const data of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
    await extra.sendNotification({ method: "notifications/message", params: { level: "info", data } });
    await sleep(50);
  }
  return text("logged");
}

async function progress(extra: Extra): Promise<ContentBlock> {
  const progressToken = extra._meta?.progressToken ?? 0;
  for (const progress of [0, 50, 100]) {
    const params = { progressToken, progress, total: 100 };
    await extra.sendNotification({ method: "notifications/progress", params });
    await sleep(50);
  }
  return text("done");
}

async function reconnect(extra: Extra): Promise<ContentBlock> {
  extra.closeSSEStream?.();
  await sleep(100);
  return text("after the stream was closed");
}

const options = [1, 2, 3].map((n) => `option${n}`);
const titled = [1, 2, 3].map((n) => ({ const: `value${n}`, title: `Option ${n}` }));
const string = { type: "string" };

/** What a tool answers with. */
type Content = ContentBlock | readonly ContentBlock[];
const tools: Readonly<Record<string, (extra: Extra, args: Arguments) => Content | Promise<Content>>> = {
  test_simple_text: () => text("This is a simple text response for testing."),
  test_image_content: () => image,
  test_audio_content: () => ({ type: "audio", data: wav, mimeType: "audio/wav" }),
  test_embedded_resource: () => embedded("test://embedded-resource", "This is an embedded resource content."),
  test_multiple_content_types: () => [
    text("Multiple content types test:"),
    image,
    embedded("test://mixed-content-resource", '{"test":"data","value":123}', "application/json"),
  ],
  test_tool_with_logging: log,
  test_tool_with_progress: progress,
  test_error_handling: () => {
    throw new Error("This tool intentionally returns an error for testing");
  },
  test_reconnection: reconnect,
  test_sampling: (extra, { prompt }) => sample(extra, String(prompt)),
  test_elicitation: (extra, { message }) =>
    elicit(extra, String(message), { username: string, email: string }, ["username", "email"]),
  test_elicitation_sep1034_defaults: (extra) =>
    elicit(extra, "Defaults", {
      name: { ...string, default: "John Doe" },
      age: { type: "integer", default: 30 },
      score: { type: "number", default: 95.5 },
      status: { ...string, enum: ["active", "inactive", "pending"], default: "active" },
      verified: { type: "boolean", default: true },
    }),
  test_elicitation_sep1330_enums: (extra) =>
    elicit(extra, "Choices", {
      untitledSingle: { ...string, enum: options },
      titledSingle: { ...string, oneOf: titled },
      legacyEnum: { ...string, enum: options, enumNames: ["One", "Two", "Three"] },
      untitledMulti: { type: "array", items: { ...string, enum: options } },
      titledMulti: { type: "array", items: { anyOf: titled } },
    }),
  json_schema_2020_12_tool: () => text("valid"),
};

const schemas: Readonly<Record<string, { type: "object" } & Arguments>> = {
  test_sampling: { type: "object", properties: { prompt: string }, required: ["prompt"] },
  test_elicitation: { type: "object", properties: { message: string }, required: ["message"] },
  json_schema_2020_12_tool: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    $defs: { address: { type: "object", properties: { street: string, city: string } } },
    properties: { name: string, address: { $ref: "#/$defs/address" } },
    additionalProperties: false,
  },
};

const prompts: Readonly<Record<string, (args: Arguments) => readonly ContentBlock[]>> = {
  test_simple_prompt: () => [text("This is a simple prompt for testing.")],
  test_prompt_with_arguments: ({ arg1, arg2 }) => [
    text(`Prompt with arguments: arg1='${String(arg1)}', arg2='${String(arg2)}'`),
  ],
  test_prompt_with_embedded_resource: ({ resourceUri }) => [
    embedded(String(resourceUri), "Embedded resource content for testing."),
    text("Please process the embedded resource above."),
  ],
  test_prompt_with_image: () => [image, text("Please analyze the image above.")],
};
const argumentsOf: Readonly<Record<string, readonly string[]>> = {
  test_prompt_with_arguments: ["arg1", "arg2"],
  test_prompt_with_embedded_resource: ["resourceUri"],
};

function read(uri: string) {
  const id = /^test:\/\/template\/(.+)\/data$/.exec(uri)?.[1];
  if (id !== undefined) {
    const data = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return { uri, mimeType: "application/json", text: data };
  }
  if (uri === "test://static-binary") return { uri, mimeType: "image/png", blob: png };
  return { uri, mimeType: "text/plain", text: "This is the content of the static text resource." };
}

/** A server with all of it, for one session. */
export function createConformanceServer(): Server {
  const capabilities = {
    tools: {},
    prompts: {},
    resources: { subscribe: true },
    logging: {},
    completions: {},
  };
  const server = new Server({ name: "conformance", version: "1.0.0" }, { capabilities });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: Object.keys(tools).map((name) => ({
      name,
      description: name,
      inputSchema: schemas[name] ?? { type: "object" },
    })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    try {
      const content = await tools[params.name]?.(extra, params.arguments ?? {});
      return { content: [content ?? []].flat() };
    } catch (error) {
      return { isError: true, content: [text(error instanceof Error ? error.message : String(error))] };
    }
  });
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: Object.keys(prompts).map((name) => ({
      name,
      description: name,
      arguments: (argumentsOf[name] ?? []).map((argument) => ({ name: argument, required: true })),
    })),
  }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => ({
    messages: (prompts[params.name]?.(params.arguments ?? {}) ?? []).map((content) => ({
      role: "user",
      content,
    })),
  }));
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: ["test://static-text", "test://static-binary"].map((uri) => ({
      uri,
      name: uri,
      description: uri,
    })),
  }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [{ uriTemplate: "test://template/{id}/data", name: "template" }],
  }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => ({ contents: [read(params.uri)] }));
  server.setRequestHandler(CompleteRequestSchema, () => ({ completion: { values: ["paris", "park"] } }));
  for (const schema of [SetLevelRequestSchema, SubscribeRequestSchema, UnsubscribeRequestSchema]) {
    server.setRequestHandler(schema, () => ({}));
  }
  return server;
}
