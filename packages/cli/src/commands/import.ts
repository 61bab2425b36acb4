import { apiNames } from "@authmodes/amplify";
import { dirname, relative, resolve } from "node:path";
import { type Command, Option } from "commander";
import type { Asker } from "../ask.ts";
import { isThere, readText, writeFiles } from "../files.ts";
import { missing, npxLine } from "../again.ts";
import { type Io, printable, printJson, UsageError } from "../io.ts";
import { loadSchemas } from "../load/schema.ts";
import { modeNames } from "../outgoing/source.ts";
import { readCustomRoles, isCustomRoles, type RoleVariables } from "../project/custom-roles.ts";
import { definitionIn } from "../project/definition.ts";
import { type Imported, importedCode, importNotes } from "../project/import-code.ts";
import { Importer, type ImportOptions, isUrl, MissingFlags, reading } from "../project/import-modes.ts";
import { graphql, installSteps, printSteps } from "../project/next-steps.ts";
import { type Project, readProject } from "../project/project.ts";
import { addProviderOptions, type ExampleName, flagWithExample } from "../project/provider-options.ts";

interface Options extends ImportOptions, RoleVariables {
  readonly customRoles?: string;
  readonly schema?: string;
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const help = `
Examples:
  npx authmodes import amplify_outputs.json
  npx authmodes import aws-exports.js --api orders --also apiKey
  npx authmodes import amplify/data/resource.ts --authorizer ./authorizer.ts
  npx authmodes import amplifyconfiguration.json --schema schema.graphql \\
    --custom-roles custom-roles.json --env dev

Reads the files of Amplify's clients, what Amplify.configure() takes,
authorizationModes of the CDK and Gen 2, and what
'aws appsync get-graphql-api' prints. Code in them is never run.
Exit codes: 0 done, 2 wrong usage, or a flag is missing`;

export function addImport(program: Command, io: Io): void {
  const command = program
    .command("import")
    .description("Write an auth.ts from a configuration file of Amplify or AppSync.")
    .argument("<file>", "amplify_outputs.json, aws-exports.js, amplifyconfiguration.json or .dart, …")
    .showHelpAfterError("For example:\n  npx authmodes import amplify_outputs.json")
    .option("--api <name>", "which API of the file")
    .addOption(new Option("--also <mode...>", "modes that the file does not name").choices(modeNames))
    .addOption(new Option("--without <mode...>", "modes to leave out").choices(modeNames))
    .option("--region <region>", "iam: the region that clients sign for")
    .addOption(new Option("--guests <what>", "iam: what to do with guests").choices(["accept", "reject"]));
  addProviderOptions(command)
    .option("--authorizer <where>", "lambda: an https:// URL, or a module that exports authorizer")
    .addOption(
      new Option("--authorizer-event <kind>", "lambda, REST: its event").choices(["token", "request"]),
    )
    .option("--allow-none", "none: let callers without credentials in")
    .option("--custom-roles <file>", "custom-roles.json, for the rules")
    .option("--env <name>", "what ${env} stands for in it")
    .option("--app-id <id>", "what ${appId} stands for in it")
    .option("--schema <file>", "the rules: a GraphQL schema with @auth")
    .option("--out <file>", "what to write", "auth.ts")
    .option("--force", "replace it")
    .option("--json", "print what was done as JSON")
    .addHelpText("after", help)
    .action(async (path: string, options: Options) => runImport(path, options, io));
}

async function runImport(path: string, options: Options, io: Io): Promise<void> {
  const text = await readText(path, io);
  if (isCustomRoles(text)) {
    throw new UsageError(
      `${printable(path)} says what roles may do, not who calls. Give it beside the file of the API:\n` +
        `  ${npxLine("import", "amplifyconfiguration.json", "--custom-roles", path)}`,
    );
  }
  checkApi(path, text, options, io);
  const definition = reading(path, () => definitionIn(text, options.api));
  const { modes, authorizer, description, guests } = await modesAsking(path, definition ?? text, options, io);
  const project = await readProject(io);
  const isModule = authorizer !== undefined && !isUrl(authorizer);
  const imported: Imported = {
    source: definition ?? { file: path },
    api: options.api,
    also: options.also ?? [],
    description,
    guests,
    modes,
    authorizer: isModule ? moduleFrom(options.out, authorizer, project) : authorizer,
    lacksAuthorizer: isModule && !(await isThere(authorizer, io)),
    schema: options.schema,
    adminRoles: await adminRolesOf(options, io),
    isCommonJs: isCommonJs(options.out, project),
  };
  if (options.schema !== undefined) await loadSchemas([options.schema], io);
  await writeFiles([{ path: options.out, text: importedCode(imported) }], options, io);
  const served = modes.filter(({ code }) => code !== "null").map(({ mode }) => mode);
  const notes = importNotes(imported);
  const packages = [
    "@authmodes/amplify",
    ...(options.schema === undefined ? [] : ["@authmodes/rules", graphql]),
  ];
  const steps = installSteps(packages, options.out.endsWith("ts") ? ["@types/node"] : [], project);
  if (options.json) {
    printJson({ file: options.out, modes: served, notes, steps }, io);
  } else {
    io.stdout.write(`${printable(options.out)} is written: ${served.join(", ")}.\n`);
    for (const note of notes) io.stdout.write(`- ${note}\n`);
    printSteps(steps, io);
  }
}

/** Asks which of several APIs. */
function checkApi(path: string, text: string, { api }: Options, io: Io): void {
  const names = reading(path, () => apiNames(text));
  if (api !== undefined || names.length < 2) return;
  const what = `The configuration has several APIs: ${names.map(printable).join(", ")}`;
  throw missing(what, io, "--api", names[0] ?? "");
}

type Asked = Pick<Imported, "modes" | "authorizer" | "description" | "guests">;

async function modesAsking(path: string, file: unknown, options: Options, io: Io): Promise<Asked> {
  try {
    const importer = new Importer(path, file, options, io);
    const { authorizer, guests } = options;
    return { modes: await importer.modes(), authorizer, description: importer.api, guests };
  } catch (error) {
    if (!(error instanceof MissingFlags) || io.ask === undefined) throw error;
    io.stderr.write(`${error.problems.join("\n")}\n`);
    return modesAsking(path, file, { ...options, ...(await answers(error, io.ask)) }, io);
  }
}

async function answers({ names }: MissingFlags, ask: Asker): Promise<Partial<ImportOptions>> {
  const given: Record<string, unknown> = {};
  for (const name of names) {
    const [flag, example] = flagWithExample(name);
    if (example === undefined) given[name] = await ask.confirm({ message: `${flag}?`, default: false });
    else given[name] = valueOf(name, await ask.input({ message: `${flag} (such as ${example}):` }));
    if (given[name] === false) throw new UsageError("Then leave the mode out:\n  --without none");
  }
  return given;
}

function valueOf(name: ExampleName, answer: string): unknown {
  if (name === "clientId") return answer.split(/[\s,]+/);
  return name === "maxTokenAge" || name === "maxAuthAge" ? Number(answer) : answer;
}

async function adminRolesOf(options: Options, io: Io): Promise<readonly string[]> {
  const { customRoles } = options;
  if (customRoles === undefined) return [];
  return readCustomRoles(await readText(customRoles, io), customRoles, options, io);
}

function isCommonJs(out: string, { isModule, framework }: Project): boolean {
  return out.endsWith(".cts") || (out.endsWith(".ts") && !isModule && framework !== "next");
}

/** As the written module names it: with the extension of the compiler's output, or for Next.js without one. */
function moduleFrom(out: string, path: string, { framework }: Project): string {
  const text = relative(dirname(resolve("/", out)), resolve("/", path)).replaceAll("\\", "/");
  const name = text.startsWith(".") ? text : `./${text}`;
  return framework === "next" ? name.replace(/\.[jt]s$/, "") : name.replace(/ts$/, "js");
}
