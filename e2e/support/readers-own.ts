/** What the documents' pieces of TypeScript leave to the reader: by document, the files beside the pieces. */
export const readersOwn: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "README.md": {
    "readers-own.d.ts": `
      declare const app: import("express").Express;
      declare const handler: import("express").RequestHandler;
      declare const storedKeys: readonly import("@authmodes/express").StoredApiKey[];
      declare const credentials: import("@authmodes/core/outbound").AwsCredentials;
      declare const body: string;
    `,
  },
  "packages/amplify/README.md": {
    "readers-own.d.ts": `
      declare const findAccessKey: import("@authmodes/express").FindAccessKey;
    `,
  },
  "packages/graphql/README.md": {
    "readers-own.d.ts": `
      declare const sdl: string;
      declare const schema: import("graphql").GraphQLSchema;
      declare const policy: import("@authmodes/rules").Policy;
      declare const auth: import("@authmodes/core").Auth<import("@authmodes/core").Identity>;
      declare const request: import("node:http").IncomingMessage;
      declare const socket: import("node:events").EventEmitter & { close(code: number, reason: string): void };
      declare const store: {
        order(id: unknown): Promise<{ id: string }>;
        orders(where: import("@authmodes/rules").SqlFilter): Promise<object[]>;
        insert(input: object): Promise<object>;
        update(record: object | undefined, input: object): Promise<object>;
      };
      interface Context {
        identity: import("@authmodes/core").Identity;
      }
      type Resolver = (
        source: unknown,
        args: { id: string; input: object },
        context: Context,
        info: import("graphql").GraphQLResolveInfo,
      ) => unknown;
      type Resolvers = Readonly<Record<string, Readonly<Record<string, Resolver>>>>;
    `,
  },
  "packages/nestjs/README.md": {
    "extracts/app.module.d.ts": `
      export declare class AppModule {}
    `,
  },
  "packages/next/README.md": {
    "readers-own.d.ts": `
      /** As Next generates it. */
      declare type RouteContext<_Route extends string> = { params: Promise<{ id: string }> };
    `,
  },
  "packages/rules/README.md": {
    "readers-own.d.ts": `
      declare const schema: import("@authmodes/rules").RuleSchema;
      declare const identity: import("@authmodes/core").Identity;
      declare const record: { id: string; owner: string };
    `,
  },
  "packages/studio/README.md": {
    "readers-own.d.ts": `
      declare const app: import("express").Express;
      declare const auth: import("@authmodes/core").Auth<import("@authmodes/core").Identity>;
    `,
  },
  "packages/testing/README.md": {
    "readers-own.d.ts": `
      declare const kit: import("@authmodes/testing").TestKit;
      declare const body: string;
      declare function it(name: string, test: () => unknown): void;
      declare function afterAll(test: () => unknown): void;
      declare const createApp: typeof import("./src/app.ts").createApp;
      declare const request: typeof import("supertest").default;
      declare const serve: import("@authmodes/testing/audits").Serve;
      declare const audits: typeof import("@authmodes/testing/audits").audits;
      declare const createAuth: typeof import("@authmodes/core").createAuth;
      declare const userPool: typeof import("@authmodes/core").userPool;
      declare const none: typeof import("@authmodes/core").none;
    `,
    "supertest.d.ts": `
      declare module "supertest" {
        interface Test extends Promise<object> {
          get(path: string): Test;
          post(path: string): Test;
          set(headers: object): Test;
          send(body: string): Test;
          expect(status: number): Test;
        }
        export default function request(app: unknown): Test;
      }
    `,
    "src/app.ts": `
      import type { Auth, Identity } from "@authmodes/core";
      export declare function createApp(auth: Auth<Identity>): object;
    `,
  },
};
