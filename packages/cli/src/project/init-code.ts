import type { NewFile } from "../files.ts";
import { frameworks } from "../frameworks/frameworks.ts";
import type { ModeName } from "../outgoing/source.ts";
import { ownerFieldRulesOf, rulesOf } from "./rule-templates.ts";
import { accessKeysCode, findAccessKey, joined, literal, storedKeysCode } from "./code.ts";
import type { Plan } from "./plan.ts";
import { issuerOf, userPoolOf } from "./provider-options.ts";

/** The files of a new server, without its secrets. */
export function codeFiles(plan: Plan): readonly NewFile[] {
  const { modes, extension } = plan;
  const framework = frameworks[plan.framework];
  const folder = framework.folder(plan);
  const authorizer = { path: `${folder}authorizer.${extension}`, text: authorizerCode(plan) };
  return [
    { path: `${folder}auth.${extension}`, text: authCode(plan, framework.importEnd(plan)) },
    { path: "schema.graphql", text: schemaCode(plan) },
    ...(modes.includes("lambda") ? [authorizer] : []),
    ...framework.files(plan),
  ];
}

function authCode(plan: Plan, importEnd: string): string {
  const { modes, framework } = plan;
  const imports = joined(
    'import { readFileSync } from "node:fs";',
    `import { ${[...modes, "createAuth"].toSorted().join(", ")} } from "@authmodes/${framework}";`,
    'import { createPolicy } from "@authmodes/rules";',
    'import { parseSchema } from "@authmodes/rules/sdl";',
    modes.includes("lambda") && `import { authorizer } from "./authorizer${importEnd}";`,
  );
  return joined(
    `${imports}\n`,
    modes.includes("apiKey") && storedKeysCode,
    modes.includes("iam") && accessKeysCode,
    policyCode(modes.includes("iam")),
    `/** The modes that callers can use. */\nexport const auth = createAuth(\n  [\n${modes.map((mode) => `    ${modeCode(mode, plan)},\n`).join("")}  ],\n  { policy },\n);\n`,
  );
}

function policyCode(hasRoles: boolean): string {
  const options = hasRoles ? ', { adminRoles: ["machine"] }' : "";
  const note = hasRoles ? " The role of the first access key is allowed everything." : "";
  return `/** The rules: who may do what with which record and field.${note} */\nconst policy = createPolicy(parseSchema(readFileSync("schema.graphql", "utf8"))${options});\n`;
}

function modeCode(mode: ModeName, { providers, region }: Plan): string {
  const codes: Record<ModeName, string> = {
    apiKey: "apiKey({ keys: storedKeys })",
    iam: `iam({ region: ${literal(region)}, credentials: ${findAccessKey} })`,
    userPool: `userPool(${literal(userPoolOf(providers))})`,
    oidc: `oidc(${literal(issuerOf(providers))})`,
    lambda: "lambda({ authorizer })",
    none: "none()",
  };
  return codes[mode];
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
  return `  "Filled in by the server. Owners cannot update it, so they cannot give a record to another user."\n  owner: String @index ${authOf(rules, "  ")}\n`;
}

function authorizerCode({ extension }: Plan): string {
  const type = extension === "ts" ? ": { authorizationToken: string }" : "";
  return `/** Accepts callers that send the token of AUTHORIZER_TOKEN. */
export async function authorizer({ authorizationToken }${type}) {
  const token = process.env["AUTHORIZER_TOKEN"];
  return { isAuthorized: token !== undefined && token !== "" && authorizationToken === token };
}
`;
}
