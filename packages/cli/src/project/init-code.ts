import { accessKeysCode, findAccessKey, literal, storedKeysCode } from "./code.ts";
import { type Plan, ownerFieldRulesOf, rulesOf } from "./plan.ts";
import type { NewFile } from "../files.ts";

/** The files of a new server, without its secrets. */
export function codeFiles(plan: Plan): readonly NewFile[] {
  const folder = { express: "", koa: "", nestjs: "src/", next: "lib/" }[plan.framework];
  const up = folder === "" ? "./" : "../";
  const extension = plan.typescript ? "ts" : "js";
  return [
    { path: `${folder}auth.${extension}`, text: authCode(plan, up, extension) },
    { path: "schema.graphql", text: schemaCode(plan) },
    ...(plan.modes.includes("lambda")
      ? [{ path: `${folder}authorizer.${extension}`, text: authorizerCode(plan) }]
      : []),
    ...serverFiles(plan, extension),
  ];
}

function authCode(plan: Plan, up: string, extension: string): string {
  const { modes, framework } = plan;
  const parts = [
    [
      'import { readFileSync } from "node:fs";',
      `import { ${[...modes, "createAuth"].toSorted().join(", ")} } from "@authmodes/${framework}";`,
      'import { createPolicy } from "@authmodes/rules";',
      'import { parseSchema } from "@authmodes/rules/sdl";',
      ...(modes.includes("lambda") ? [`import { authorizer } from "./authorizer.${extension}";`] : []),
      "",
    ].join("\n"),
    ...(modes.includes("apiKey") ? [storedKeysCode] : []),
    ...(modes.includes("iam") ? [accessKeysCode] : []),
    policyCode(modes.includes("iam"), schemaUrl(plan, up)),
    `/** Who may call. */\nexport const auth = createAuth(\n  [\n${modes.map((mode) => `    ${modeCode(mode, plan)},\n`).join("")}  ],\n  { policy },\n);\n`,
  ];
  return parts.join("\n");
}

/** Next puts modules elsewhere when it builds; it runs in the folder of the app. */
function schemaUrl({ framework }: Plan, up: string): string {
  return framework === "next" ? '"schema.graphql"' : `new URL("${up}schema.graphql", import.meta.url)`;
}

function policyCode(hasRoles: boolean, schema: string): string {
  const options = hasRoles ? ', { adminRoles: ["machine"] }' : "";
  const note = hasRoles ? " The role of the first access key stands above all rules." : "";
  return `/** Who may do what with which record and field.${note} */\nconst policy = createPolicy(parseSchema(readFileSync(${schema}, "utf8"))${options});\n`;
}

function modeCode(mode: Plan["modes"][number], { userPool, oidc, region }: Plan): string {
  switch (mode) {
    case "apiKey":
      return "apiKey({ keys: storedKeys })";
    case "iam":
      return `iam({ region: ${literal(region)}, credentials: ${findAccessKey} })`;
    case "userPool":
      return `userPool(${literal(userPool)})`;
    case "oidc":
      return `oidc(${literal(oidc)})`;
    case "lambda":
      return "lambda({ authorizer })";
    case "none":
      return "none()";
  }
}

function schemaCode(plan: Plan): string {
  const { model } = plan;
  const rules = rulesOf(plan);
  const isPublic = rules.some((rule) => rule.includes("allow: public"));
  const note = isPublic ? "# public-api-key: callers with a key can do this, until the key expires.\n" : "";
  const auth = rules.length === 0 ? "" : ` ${authOf(rules, "")}`;
  const owner = rules.some((rule) => rule.includes("allow: owner")) ? ownerCode(plan) : "";
  return `${note}type ${model} @model${auth} {\n  id: ID!\n  text: String\n${owner}}\n`;
}

function authOf(rules: readonly string[], indent: string): string {
  const lines = rules.map((rule) => `${indent}    ${rule}\n`).join("");
  return `@auth(\n${indent}  rules: [\n${lines}${indent}  ]\n${indent})`;
}

function ownerCode(plan: Plan): string {
  const rules = ownerFieldRulesOf(plan);
  if (rules.length === 0) return "  owner: String @index\n";
  return `  "Filled in by the server. Owners do not hand a record on: none of their rules updates the field."\n  owner: String @index ${authOf(rules, "  ")}\n`;
}

function authorizerCode({ typescript }: Plan): string {
  const type = typescript ? ": { authorizationToken: string }" : "";
  return `/** Says who is let in: here whoever has the one token of AUTHORIZER_TOKEN. */
export async function authorizer({ authorizationToken }${type}) {
  const token = process.env["AUTHORIZER_TOKEN"];
  return { isAuthorized: token !== undefined && token !== "" && authorizationToken === token };
}
`;
}

function serverFiles(plan: Plan, extension: string): readonly NewFile[] {
  switch (plan.framework) {
    case "express":
      return [
        { path: `app.${extension}`, text: expressApp(plan, extension) },
        { path: `server.${extension}`, text: serverCode(extension) },
      ];
    case "koa":
      return [
        { path: `app.${extension}`, text: koaApp(plan, extension) },
        { path: `server.${extension}`, text: serverCode(extension) },
      ];
    case "nestjs":
      return [{ path: `src/whoami.controller.${extension}`, text: nestController }];
    case "next":
      return [{ path: `app/whoami/route.${extension}`, text: nextRoute }];
  }
}

function serverCode(extension: string): string {
  return `import { app } from "./app.${extension}";

const port = Number(process.env["PORT"] ?? 4000);
const server = app.listen(port, "127.0.0.1", () => console.log(\`http://127.0.0.1:\${port}\`));

/** Accepts no connection any more, and lets the requests in flight finish, for ten seconds at most. */
function stop() {
  server.close(() => process.exit());
  setTimeout(() => server.closeAllConnections(), 10_000).unref();
}
process.once("SIGINT", stop).once("SIGTERM", stop);
`;
}

function pathOf({ model }: Plan): string {
  return `${model.toLowerCase()}s`;
}

function recordsCode(plan: Plan): string {
  return `/** Stands for your database. */\nconst ${pathOf(plan)} = [{ id: "1", text: "the first" }];\n`;
}

function expressApp(plan: Plan, extension: string): string {
  const path = pathOf(plan);
  return `import { authenticate, authErrorHandler, createAllow, getAccess, getIdentity } from "@authmodes/express";
import { matches } from "@authmodes/rules";
import express from "express";
import { auth } from "./auth.${extension}";

const allow = createAllow(auth);

${recordsCode(plan)}
export const app = express();
app.use(authenticate(auth));
app.get("/whoami", (request, response) => {
  const { mode, id } = getIdentity(request);
  response.json({ mode, id });
});
app.get("/${path}", allow("list", "${plan.model}"), (request, response) => {
  const { filter, mask } = getAccess(request);
  response.json(${path}.filter(matches(filter)).map(mask));
});
app.use(authErrorHandler());
`;
}

function koaApp(plan: Plan, extension: string): string {
  const path = pathOf(plan);
  return `import { authenticate, createAllow, getAccess, getIdentity } from "@authmodes/koa";
import { matches } from "@authmodes/rules";
import { Router } from "@koa/router";
import Koa from "koa";
import { auth } from "./auth.${extension}";

const allow = createAllow(auth);

${recordsCode(plan)}
const router = new Router();
router.get("/whoami", (ctx) => {
  const { mode, id } = getIdentity(ctx);
  ctx.body = { mode, id };
});
router.get("/${path}", allow("list", "${plan.model}"), (ctx) => {
  const { filter, mask } = getAccess(ctx);
  ctx.body = ${path}.filter(matches(filter)).map(mask);
});

export const app = new Koa();
app.use(authenticate(auth)).use(router.routes());
`;
}

const nestController = `import { CurrentIdentity, type Identity } from "@authmodes/nestjs";
import { Controller, Get } from "@nestjs/common";

@Controller("whoami")
export class WhoamiController {
  @Get()
  whoami(@CurrentIdentity() identity: Identity) {
    return { mode: identity.mode, id: identity.id };
  }
}
`;

const nextRoute = `import { createNextAuth } from "@authmodes/next";
import { auth } from "../../lib/auth";

const { withAuth } = createNextAuth(auth);

export const GET = withAuth((_request, _context, { identity }) =>
  Response.json({ mode: identity.mode, id: identity.id }),
);
`;
