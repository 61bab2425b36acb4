import { type Command, InvalidArgumentError, Option } from "commander";
import { frameworkNames } from "../frameworks/frameworks.ts";
import { type Io, printable, printJson } from "../io.ts";
import { modeNames } from "../outgoing/source.ts";
import { codeFiles } from "../project/init-code.ts";
import { nextSteps } from "../project/next-steps.ts";
import { readProject } from "../project/project.ts";
import { addProviderOptions } from "../project/provider-options.ts";
import { type InitOptions, makePlan } from "../project/questions.ts";
import { secretFiles } from "../project/secrets.ts";
import { wholeNumber } from "../whole-number.ts";
import { isThere, type NewFile, writeFiles } from "../files.ts";

interface Options extends InitOptions {
  readonly force?: boolean;
  readonly json?: boolean;
}

export function addInit(program: Command, io: Io): void {
  const command = program
    .command("init")
    .description("Write auth.ts, schema.graphql and a server to start from.")
    .option("-y, --yes", "ask nothing: what no flag says is the default")
    .addOption(new Option("--modes <mode...>", "the modes; default: apiKey iam").choices(modeNames));
  addProviderOptions(command)
    .option("--api-key-days <days>", "apiKey: after how many days the first key ends; default: 7", readDays)
    .option("--region <region>", "iam: what clients sign for; default: us-east-1")
    .option("--model <name>", "what is protected; default: Note", readModel)
    .option(
      "--access <rule...>",
      "who may do what: owner, private:read, public:read, custom:read, group:Admins",
    )
    .addOption(
      new Option("--framework <name>", "default: what package.json has, else express").choices(
        frameworkNames,
      ),
    )
    .option("--javascript", "write .js instead of .ts")
    .option("--force", "replace files")
    .option("--json", "print what was done as JSON")
    .addHelpText(
      "after",
      `
Examples:
  authmodes init
  authmodes init --yes --modes apiKey iam
  authmodes init --yes --modes userPool --user-pool-id us-east-1_AbCdEfGhI --client-id 1h57kf5
  authmodes init --yes --modes apiKey oidc --oidc-issuer https://id.example.com --oidc-audience my-api \\
    --access owner public:read

The first API key, access key and token go into .env and caller.env; they are not shown.
Exit codes: 0 done, 2 wrong usage or something is missing`,
    )
    .action(async (options: Options) => runInit(options, io));
}

async function runInit(options: Options, io: Io): Promise<void> {
  const project = await readProject(io);
  const plan = await makePlan(options, project, io);
  const secrets = await secretFiles(plan);
  const files: NewFile[] = [...codeFiles(plan), ...secrets, ...(await ignoring(secrets, io))];
  await writeFiles(files, options, io);
  const steps = nextSteps(plan, project);
  if (options.json) {
    printJson(
      { files: files.map(({ path }) => path), framework: plan.framework, modes: plan.modes, steps },
      io,
    );
    return;
  }
  io.stdout.write("Written:\n");
  for (const { path, secret } of files) {
    io.stdout.write(
      `  ${printable(path)}${secret === true ? " (secrets: keep it out of version control)" : ""}\n`,
    );
  }
  for (const { what, commands } of steps) {
    io.stdout.write(`\n${what}:\n${commands.map((command) => `  ${command}\n`).join("")}`);
  }
}

/** Secrets stay out of version control. A file that is there already is the user's to change. */
async function ignoring(secrets: readonly NewFile[], io: Io): Promise<readonly NewFile[]> {
  const path = ".gitignore";
  if (secrets.length === 0 || (await isThere(path, io))) return [];
  return [{ path, text: `node_modules/\n${secrets.map((file) => `${file.path}\n`).join("")}` }];
}

const readDays = wholeNumber(1, 365, "Write a number of days from 1 to 365.");

function readModel(text: string): string {
  if (/^[A-Z]\w*$/.test(text)) return text;
  throw new InvalidArgumentError("Write the name of a type, such as Note.");
}
