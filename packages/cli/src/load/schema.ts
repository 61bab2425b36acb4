import { createPolicy, type Finding, type Policy, PolicyError } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { type Io, printable, UsageError } from "../io.ts";
import { readText } from "../files.ts";

export interface LoadedSchema {
  readonly policy: Policy;
  /** A line each, with the place in the file. */
  readonly warnings: readonly { readonly model: string | undefined; readonly text: string }[];
}

/** @throws UsageError with everything that is wrong with all of the files */
export async function loadSchemas<const Paths extends readonly string[]>(
  paths: Paths,
  io: Io,
): Promise<{ readonly [Index in keyof Paths]: LoadedSchema }> {
  const results = await Promise.allSettled(paths.map((path) => loadSchema(path, io)));
  const failed = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  const bug = failed.find((reason) => !(reason instanceof UsageError));
  if (bug !== undefined) throw bug;
  if (failed.length > 0) throw new UsageError(failed.map((error: UsageError) => error.message).join("\n"));
  const loaded = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  return loaded as { readonly [Index in keyof Paths]: LoadedSchema };
}

async function loadSchema(path: string, io: Io): Promise<LoadedSchema> {
  const sdl = await readText(path, io);
  try {
    const policy = createPolicy(parseSchema(sdl));
    const warnings = policy.warnings.map((finding) => ({
      model: finding.model,
      text: lineOf(path, finding),
    }));
    return { policy, warnings };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const lines = error.errors.map((finding) => lineOf(path, finding));
    throw new UsageError(lines.join("\n"), { cause: error });
  }
}

/** As compilers write it, which editors make a link of: `file:line:column: error: …` */
function lineOf(path: string, { level, model, field, position, message, mend }: Finding): string {
  const place = position === undefined ? path : `${path}:${position.line}:${position.column}`;
  const name = [model, field].filter((part) => part !== undefined).join(".");
  // Some of Amplify's sentences say their level themselves.
  const sentence = message.replace(/^WARNING: /, "");
  const parts = [place, level, ...(name === "" ? [] : [name]), sentence];
  return `${printable(parts.join(": "))}\n  fix: ${printable(mend)}`;
}
