import {
  type Auth,
  AuthError,
  type ErrorFormat,
  type Identity,
  type RequestView,
  type RuleDecision,
} from "@authmodes/core";
import { authorize, maxNesting, nestsTooDeeply } from "@authmodes/core/adapter";
import {
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { errorReply, HttpError, type HttpReply } from "../http/http-error.ts";
import { ConditionFailed } from "../data/records.ts";
import type { Endpoint } from "../shop.ts";
import { limits, maxTokens } from "./limits.ts";

/** Creates the endpoint `POST /graphql`. */
export function createEndpoint(schema: GraphQLSchema, errorFormat: ErrorFormat): Endpoint {
  return async function graphql(auth, view, body) {
    try {
      const request = readRequest(body);
      const caller = new GraphqlCaller(auth, view);
      const result = await run(schema, request, caller);
      return reply(result, caller.rejectionId);
    } catch (error) {
      if (error instanceof AuthError) throw error;
      return errorReply(error, errorFormat);
    }
  };
}

interface GraphqlRequest extends Pick<ExecutionArgs, "variableValues" | "operationName"> {
  readonly query: string;
}

/** Reads one document. Lists of documents are not supported. */
function readRequest(body: unknown): GraphqlRequest {
  const { query, variables, operationName } = Object(body) as Readonly<Record<string, unknown>>;
  if (typeof query !== "string") throw new HttpError(400, 'Send {"query": …} as JSON');
  if (Array.isArray(variables) || !["object", "undefined"].includes(typeof variables)) {
    throw new HttpError(400, "variables is an object");
  }
  if (nestsTooDeeply(variables)) throw new HttpError(400, `variables nest deeper than ${maxNesting} levels`);
  return {
    query,
    variableValues: { ...(variables as object | null | undefined) },
    operationName: typeof operationName === "string" ? operationName : undefined,
  };
}

/** The caller of a verified request or message. Decisions about its fields go to the events of the auth. */
export class GraphqlCaller {
  readonly identity: Identity;
  /** Receives each decision of the rules. */
  readonly report: (decision: RuleDecision) => void;
  /** Leads to a rejection in the log; undefined if there was none. */
  rejectionId: string | undefined;

  constructor(auth: Auth<Identity>, view: RequestView) {
    const identity = auth.identity(view);
    if (identity === undefined) throw new TypeError("mount authenticate(auth) before POST /graphql");
    this.identity = identity;
    this.report = (decision) => {
      try {
        authorize(auth, view, () => decision);
      } catch (error) {
        if (error instanceof AuthError) this.rejectionId = error.id;
      }
    };
  }
}

async function run(
  schema: GraphQLSchema,
  { query, ...request }: GraphqlRequest,
  contextValue: GraphqlCaller,
): Promise<ExecutionResult> {
  try {
    const document = parse(query, { maxTokens });
    const errors = validate(schema, document, [...specifiedRules, ...limits]);
    return errors.length > 0 ? { errors } : await execute({ schema, document, contextValue, ...request });
  } catch (error) {
    if (isGraphqlError(error)) return { errors: [error] };
    throw error;
  }
}

/** Compares the name, because validation rules may come with a copy of graphql of their own. */
function isGraphqlError(error: unknown): error is GraphQLError {
  return error instanceof Error && error.name === "GraphQLError";
}

/** Answers 200 as AppSync does, even if fields were rejected. */
function reply({ data = null, errors }: ExecutionResult, rejectionId: string | undefined): HttpReply {
  return {
    status: 200,
    headers: {
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      ...(rejectionId !== undefined && { "x-amzn-RequestId": rejectionId }),
    },
    body: JSON.stringify({ data, ...(errors !== undefined && { errors: errors.map(shown) }) }),
  };
}

/** Rejections and invalid documents explain themselves. Bugs are logged and not described to the client. */
function shown(error: GraphQLError): object {
  const { originalError } = error;
  if (originalError === undefined || originalError instanceof GraphQLError) return error.toJSON();
  const { message, locations, path } = error;
  const where = { locations, path, data: null, errorInfo: null };
  if (originalError instanceof ConditionFailed) {
    // The error of DynamoDB, as AppSync returns it.
    return {
      ...where,
      errorType: "DynamoDB:ConditionalCheckFailedException",
      message: "The conditional request failed",
    };
  }
  if (originalError instanceof HttpError) return { ...where, errorType: "BadRequestException", message };
  console.error(originalError);
  return { ...where, errorType: "InternalFailure", message: "The server failed" };
}
