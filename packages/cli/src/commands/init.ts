import { type Command, InvalidArgumentError, Option } from "commander";
import { frameworkNames } from "../frameworks/frameworks.ts";
import { type Io, printable, printJson } from "../io.ts";
import { modeNames } from "../outgoing/source.ts";
import { codeFiles } from "../project/init-code.ts";
import { nextSteps, printSteps } from "../project/next-steps.ts";
import { readProject } from "../project/project.ts";
import { addProviderOptions } from "../project/provider-options.ts";
import { type InitOptions, makePlan } from "../project/questions.ts";
import { secretLines } from "../project/secrets.ts";
import { wholeNumber } from "../whole-number.ts";
import { addLines, writeFiles } from "../files.ts";

interface Options extends InitOptions {
  readonly force?: boolean;
  readonly json?: boolean;
}

const help = `
Examples:
  npx authmodes init
  npx authmodes init --yes --modes apiKey iam
  npx authmodes init --yes --modes userPool --user-pool-id us-east-1_AbCdEfGhI \\
    --client-id 1h57kf5
  npx authmodes init --yes --modes apiKey oidc --oidc-audience my-api \\
    --oidc-issuer https://id.example.com --access owner public:read

The first API key, access key and token go into .env and caller.env, and are not
shown. Files that init did not write are never replaced; .env, caller.env and
.gitignore are extended.
Exit codes: 0 done, 2 wrong usage or something is missing`;

export function addInit(program: Command, io: Io): void {
  const command = program
    .command("init")
    .description("Write auth.ts, schema.graphql and a server to start from.")
    .showHelpAfterError("For example:\n  npx authmodes init --yes --framework express --modes apiKey iam")
    .option("-y, --yes", "ask nothing, take the defaults")
    .addOption(new Option("--modes <mode...>", "the modes; default: apiKey iam").choices(modeNames));
  addProviderOptions(command)
    .option(
      "--api-key-days <days>",
      "apiKey: after how many days the first key expires; default: 30",
      readDays,
    )
    .option("--region <region>", "iam: the region that clients sign for; default: us-east-1")
    .option("--model <name>", "the type that is protected; default: Note", readModel)
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
    .option("--force", "write its files again")
    .option("--json", "print what was done as JSON")
    .addHelpText("after", help)
    .action(async (options: Options) => runInit(options, io));
}

async function runInit(options: Options, io: Io): Promise<void> {
  const plan = await makePlan(options, await readProject(io), io);
  const files = codeFiles(plan);
  const secrets = await secretLines(plan, io);
  await writeFiles(files, options, io);
  for (const added of secrets) await addLines(added, io);
  const paths = [...files, ...secrets].map(({ path }) => path);
  const steps = nextSteps(plan, secrets);
  if (options.json) {
    return printJson({ files: paths, framework: plan.framework, modes: plan.modes, steps }, io);
  }
  io.stdout.write("Written:\n");
  for (const { path } of files) io.stdout.write(`  ${printable(path)}\n`);
  for (const { path, secret } of secrets) {
    io.stdout.write(`  ${path}${secret === true ? " (secrets: git ignores it)" : ""}\n`);
  }
  printSteps(steps, io);
}

const readDays = wholeNumber(1, 365, "Write a number of days from 1 to 365.");

function readModel(text: string): string {
  if (/^[A-Z]\w*$/.test(text)) return text;
  throw new InvalidArgumentError("Write the name of a type, such as Note.");
}
