import { describeRights, diffPolicies, type MatrixFormat, matrixRows, renderMatrix } from "@authmodes/rules";
import { type Command, Option } from "commander";
import { type Io, printable, printResult, UsageError } from "../io.ts";
import { type LoadedSchema, loadSchemas } from "../load/schema.ts";
import { coloured } from "../terminal.ts";
import { compactMatrix } from "./compact-matrix.ts";

interface MatrixOptions {
  readonly diff?: string;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly compact?: boolean;
}

const help = `
Examples:
  npx authmodes matrix schema.graphql
  npx authmodes matrix schema.graphql --compact
  npx authmodes matrix schema.graphql Post --markdown
  npx authmodes matrix --diff old.graphql schema.graphql
  npx authmodes matrix --diff <(git show main:schema.graphql) schema.graphql

In a diff, + is a right that was added, - one that was removed.
Exit codes: 0 done, 1 access is widened (--diff), 2 wrong usage or input`;

export function addMatrix(program: Command, io: Io): void {
  program
    .command("matrix")
    .description("Print which role may do what with which field, or how that changed.")
    .showHelpAfterError(
      "For example:\n  npx authmodes matrix schema.graphql\nAdd --help for usage and examples.",
    )
    .argument("<schema>", "a GraphQL schema with @auth")
    .argument("[model]", "this model alone")
    .option("--diff <old>", "print what changed since this schema; exit with 1 if access is widened")
    .option("--json", "print JSON")
    .addOption(new Option("--markdown", "print Markdown tables").conflicts(["json", "diff"]))
    .addOption(
      new Option("--compact", "print a table of roles and models").conflicts(["json", "diff", "markdown"]),
    )
    .addHelpText("after", help)
    .action(async (path: string, model: string | undefined, options: MatrixOptions) => {
      if (options.diff === undefined) await printMatrix(path, model, options, io);
      else await printDiff(options.diff, path, model, options, io);
    });
}

async function printMatrix(
  path: string,
  model: string | undefined,
  { json, markdown, compact }: MatrixOptions,
  io: Io,
): Promise<void> {
  const [schema] = await loadSchemas([path], io);
  checkName(model, Object.keys(schema.policy.schema.models), schema);
  printNotes(path, schema, model, io);
  const format: MatrixFormat = json ? "json" : markdown ? "markdown" : "table";
  const rows = matrixRows(schema.policy, model).map((row) => ({
    ...row,
    role: json || compact ? row.role : printable(row.role),
  }));
  if (rows.length === 0 && !json) return;
  io.stdout.write(`${compact ? compactMatrix(schema.policy, rows) : renderMatrix(rows, format)}\n`);
}

async function printDiff(
  oldPath: string,
  path: string,
  name: string | undefined,
  options: MatrixOptions,
  io: Io,
): Promise<void> {
  const [before, after] = await loadSchemas([oldPath, path], io);
  checkName(name, [...namesIn(before), ...namesIn(after)], after);
  printNotes(path, after, name, io);
  const diff = diffPolicies(before.policy, after.policy, name);
  const added = describeRights(diff.widened, "may");
  const removed = describeRights(diff.narrowed, "may no longer");
  const lines = [
    ...added.map((sentence) => coloured("red", `+ ${printable(sentence)}`, io)),
    ...removed.map((sentence) => coloured("green", `- ${printable(sentence)}`, io)),
  ];
  const text = lines.length === 0 ? "No access changed." : lines.join("\n");
  printResult(options, diff, `${text}\n`, io);
  if (diff.widened.length > 0) io.exitCode = 1;
}

function namesIn({ policy: { schema } }: LoadedSchema): readonly string[] {
  return Object.keys({ ...schema.models, ...schema.types });
}

function checkName(name: string | undefined, known: readonly string[], { policy }: LoadedSchema): void {
  if (name === undefined || known.includes(name)) return;
  try {
    policy.matrix(name);
  } catch (error) {
    // Its message suggests the nearest name.
    if (error instanceof TypeError) throw new UsageError(printable(error.message), { cause: error });
    throw error;
  }
}

/** Notes go to stderr, so that a pipe gets the tables alone. */
function printNotes(
  path: string,
  { policy, warnings }: LoadedSchema,
  model: string | undefined,
  io: Io,
): void {
  const isShown = (name: string | undefined): boolean =>
    model === undefined || name === undefined || name === model;
  for (const warning of warnings) if (isShown(warning.model)) io.stderr.write(`${warning.text}\n`);
  if (Object.keys(policy.schema.models).length === 0) {
    io.stderr.write(`${printable(path)}: note: the schema has no type with @model\n`);
  }
}
