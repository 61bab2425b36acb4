import { setTimeout } from "node:timers/promises";
import { createTestKit } from "@authmodes/testing";
import { ApolloDriver, type ApolloDriverConfig } from "@nestjs/apollo";
import type { INestApplication } from "@nestjs/common";
import { Args, GraphQLModule, Mutation, Parent, Query, ResolveField, Resolver } from "@nestjs/graphql";
import { describe, expect, it } from "vitest";
import {
  type Access,
  Allow,
  AllowAnonymous,
  type Auth,
  AuthModesModule,
  CurrentAccess,
  CurrentIdentity,
  CurrentView,
  Groups,
  type IdentityBase,
  loadFrom,
  type RequestView,
  type Values,
} from "./index.ts";
import { outbound } from "./outbound.ts";
import { createApp, listen, platforms } from "./test/apps.ts";
import { alice, Notes, notesAuth, policy } from "./test/notes.ts";

const typeDefs = /* GraphQL */ `
  type Note {
    id: ID!
    text: String
    hidden: Int
    reader: String
    secret: String
  }
  input NoteInput {
    text: String
    txt: String
  }
  type Query {
    note(id: ID!): Note
    plain: String
    open: String
    forgetful: String
    admin: String
    bug: String
    forwarded: [String]
    notes: [Note]
  }
  type Mutation {
    createNote(input: NoteInput!): Note
  }
`;

@Resolver("Note")
class NoteResolver {
  @Query()
  @Allow("get", "Note", { load: loadFrom(Notes, (notes, { id }) => notes.find(id)) })
  note(@CurrentAccess() { record, mask }: Access) {
    return mask(record);
  }

  @Query()
  @Allow("list", "Note")
  notes() {
    return [{ id: "theirs" }];
  }

  @Query()
  plain(@CurrentIdentity() { id }: IdentityBase) {
    return id;
  }

  @Query()
  @AllowAnonymous()
  open() {
    return "open";
  }

  @Query()
  @AllowAnonymous()
  forgetful(@CurrentIdentity() { id }: IdentityBase) {
    return id;
  }

  @Query()
  @Groups("Admins")
  admin() {
    return "admin";
  }

  /** Goes on after the other fields of the document were rejected. */
  @Query()
  async forwarded(@CurrentView() view: RequestView) {
    await setTimeout(20);
    return outbound.forward(view).headerNames;
  }

  @Query()
  bug() {
    throw new Error("a bug");
  }

  @Mutation()
  @Allow("create", "Note")
  createNote(@Args("input") _input: Values, @CurrentAccess() { input }: Access) {
    return { id: "new", ...input };
  }

  @ResolveField()
  reader(@Parent() { id }: { id: string }, @CurrentIdentity() caller: IdentityBase) {
    return `${id} read by ${caller.id}`;
  }
}

@Resolver("Note")
class SecretResolver {
  @ResolveField()
  @Groups("Admins")
  secret() {
    return "secret";
  }
}

type Options = Omit<ApolloDriverConfig, "driver" | "typeDefs">;

function shop(
  options: Options = {},
  providers: readonly (typeof SecretResolver)[] = [],
  auth: Auth = notesAuth().auth,
) {
  return {
    imports: [
      AuthModesModule.forRoot({ auth }),
      GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, typeDefs, ...options }),
    ],
    providers: [Notes, NoteResolver, ...providers],
  };
}

interface Answer {
  readonly data?: Values | null;
  readonly errors?: readonly Values[];
}

describe.each(platforms)("GraphQL on %s", (_name, adapter) => {
  async function start(metadata = shop(), prepare: (app: INestApplication) => void = () => {}) {
    const app = await createApp(metadata, adapter);
    prepare(app);
    const url = await listen(app);
    const ask = async (query: string, headers = alice, path = "/graphql") => {
      const answer = await fetch(url + path, {
        method: "POST",
        body: JSON.stringify({ query }),
        headers: { "content-type": "application/json", ...headers },
      });
      const body: Answer = JSON.parse(await answer.text());
      return { status: answer.status, ...body };
    };
    return { url, ask };
  }

  it.each(["{ __typename }", "{ __schema { queryType { name } } }", "{ open }", "{ plain }", "no query"])(
    "answers nobody unknown: %s",
    async (query) => {
      const { ask, url } = await start();
      expect(await ask(query, {})).toMatchObject({ status: 401, code: "credentials_missing" });
      expect((await ask(query, { "x-api-key": "wrong" })).status).toBe(401);
      const target = `${url}/graphql?query=${encodeURIComponent(query)}`;
      for (const path of [
        target,
        target.replace("/graphql", "/graphql/"),
        `${url}/%67raphql`,
        `${url}/graphQL`,
      ]) {
        const status = (
          await fetch(path, { headers: { accept: "text/html", "x-apollo-operation-name": "a" } })
        ).status;
        expect([401, 404]).toContain(status);
      }
    },
  );

  it("answers known callers, also introspection, and preflights with 204", async () => {
    const { ask, url } = await start();
    expect(await ask("{ __typename plain open }")).toEqual({
      status: 200,
      data: { __typename: "Query", plain: "alice", open: "open" },
    });
    expect(await ask("{ __schema { queryType { name } } }")).toMatchObject({ status: 200 });
    const preflight = { origin: "https://app.example", "access-control-request-method": "POST" };
    const { status } = await fetch(`${url}/graphql`, { method: "OPTIONS", headers: preflight });
    expect(status).toBe(204);
  });

  it("gives a field that looks at no credentials no caller either", async () => {
    const { ask } = await start();
    const { data, errors } = await ask("{ forgetful plain }");
    expect(data).toEqual({ forgetful: null, plain: "alice" });
    expect(errors).toMatchObject([{ path: ["forgetful"], errorType: "misconfigured" }]);
  });

  it("closes no field by the rejection of another", async () => {
    const { ask } = await start();
    const { data, errors } = await ask(
      `{ forwarded admin theirs: note(id: "theirs") { id } mine: note(id: "mine") { hidden } }`,
    );
    expect(data).toEqual({ forwarded: ["x-api-key"], admin: null, theirs: null, mine: { hidden: null } });
    expect(errors).toHaveLength(2);
  });

  it("gives resolvers and field resolvers the identity and what the rules allow", async () => {
    const { ask } = await start();
    expect((await ask(`{ note(id: "mine") { id hidden reader } }`)).data).toEqual({
      note: { id: "mine", hidden: null, reader: "mine read by alice" },
    });
    expect((await ask(`mutation { createNote(input: { text: "new" }) { id text } }`)).data).toEqual({
      createNote: { id: "new", text: "new" },
    });
  });

  it("says what is wrong with an input, to callers that the rules allow", async () => {
    const { ask } = await start();
    expect((await ask(`mutation { createNote(input: { txt: "new" }) { id } }`)).errors).toMatchObject([
      { message: 'Note has no field "txt"', errorType: "BadRequestException" },
    ]);
  });

  it("verifies a signed operation, and leaves its body to the driver", async () => {
    const kit = await createTestKit();
    const auth = kit.auth({ policy });
    auth.onEvent(() => {});
    const { url } = await start(shop({}, [], auth));
    const request = {
      method: "POST",
      url: `${url}/graphql`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ plain }" }),
    };
    const headers = await kit.headersFor("iam", request);
    const signed = await fetch(request.url, { ...request, headers });
    expect(await signed.json()).toMatchObject({ data: { plain: expect.stringContaining("arn:aws:") } });
    const changed = { ...request, headers, body: JSON.stringify({ query: "{ admin }" }) };
    expect((await fetch(request.url, changed)).status).toBe(401);
  });

  it("refuses fields as Amplify's clients know it", async () => {
    const { ask } = await start();
    const unauthorized = (field: string) => ({
      message: `Not Authorized to access ${field} on type Query`,
      errorType: "Unauthorized",
      errorInfo: null,
      data: null,
      path: [field],
    });
    const answer = await ask(`{ note(id: "theirs") { text } admin plain }`);
    expect(answer).toMatchObject({ status: 200, data: { note: null, admin: null, plain: "alice" } });
    expect(answer.errors).toHaveLength(2);
    for (const field of ["note", "admin"]) {
      expect(answer.errors).toContainEqual(expect.objectContaining(unauthorized(field)));
    }
    const missing = await ask(`{ note(id: "unknown") { text } }`);
    expect(missing.errors).toMatchObject([
      { errorType: "NotFound", message: "There is no such record for note" },
    ]);
  });

  it("answers no list that was not filtered, and leaves other errors to the driver", async () => {
    const { ask } = await start();
    const answer = await ask("{ notes { id } bug }");
    expect(answer.data).toEqual({ notes: null, bug: null });
    // Fields run at once: which fails first is not said.
    const errors = new Map(answer.errors?.map((error) => [String(error.path), error]));
    expect([...errors.keys()].toSorted()).toEqual(["bug", "notes"]);
    expect(errors.get("notes")).toMatchObject({ errorType: "misconfigured" });
    expect(errors.get("bug")).toMatchObject({ message: "a bug" });
    expect(errors.get("bug")).not.toHaveProperty("errorType");
  });

  it("lets the app format errors too", async () => {
    const seen: string[] = [];
    const formatError = (error: { readonly message: string }) => {
      seen.push(error.message);
      return error;
    };
    const { ask } = await start(shop({ formatError }));
    expect((await ask("{ admin }")).errors).toMatchObject([{ errorType: "Unauthorized" }]);
    expect(seen).toEqual(["Not Authorized to access admin on type Query"]);
  });

  it("guards the endpoint where it is, behind a global prefix too", async () => {
    const own = await start(shop({ path: "api/query" }));
    expect((await own.ask("{ __typename }", {}, "/api/query")).status).toBe(401);
    expect((await own.ask("{ plain }", alice, "/api/query")).data).toEqual({ plain: "alice" });
    const prefixed = await start(shop({ useGlobalPrefix: true }), (app) => app.setGlobalPrefix("v1"));
    expect((await prefixed.ask("{ __typename }", {}, "/v1/graphql")).status).toBe(401);
    expect((await prefixed.ask("{ plain }", alice, "/v1/graphql")).data).toEqual({ plain: "alice" });
  });

  it("guards field resolvers where their guards are switched on", async () => {
    const { ask } = await start(shop({ fieldResolverEnhancers: ["guards"] }, [SecretResolver]));
    const answer = await ask(`{ note(id: "mine") { id reader secret } }`);
    expect(answer.data).toEqual({ note: { id: "mine", reader: "mine read by alice", secret: null } });
    expect(answer.errors).toMatchObject([
      { errorType: "Unauthorized", message: "Not Authorized to access secret on type Note" },
    ]);
  });

  it("needs the request in a context of the app's own", async () => {
    const { ask } = await start(shop({ context: () => ({ req: {}, tenant: 1 }) }));
    const answer = await ask("{ plain }");
    expect(answer).toMatchObject({ data: { plain: null }, errors: [{ errorType: "misconfigured" }] });
  });
});

describe("GraphQL when the app starts", () => {
  const starting = async (metadata: ReturnType<typeof shop>) => listen(await createApp(metadata));

  it("tells of field resolvers that no guard would reach", async () => {
    await expect(starting(shop({}, [SecretResolver]))).rejects.toThrow(
      /SecretResolver\.secret: @Groups .*fieldResolverEnhancers: \["guards"\]/,
    );
  });

  it("tells of sockets that nobody verifies", async () => {
    const open = shop({ subscriptions: { "graphql-ws": true } });
    await expect(starting(open)).rejects.toThrow("onConnect");
  });
});
