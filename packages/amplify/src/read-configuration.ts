import { choose } from "./formats/choose.ts";
import { isConfiguration, listedApis } from "./formats/formats.ts";
import { Section } from "./formats/section.ts";
import { isData } from "./text/code.ts";
import { dartString } from "./text/dart.ts";
import { evaluate } from "./text/evaluate.ts";
import { parseText } from "./text/parse.ts";
import { configurationsOf } from "./text/program.ts";

const maxLength = 1024 * 1024; // characters; real files have a few thousand
const maxLevels = 4;

/**
 * Reads the data in the text of a configuration file, as `fromAmplify` does: JSON with or without comments, JavaScript or
 * TypeScript that declares, exports or returns it, code that passes it to `Amplify.configure()` or defines an API with it, or
 * a Dart file that holds JSON in a string. Nothing is executed: what only running the file would tell is a `Code`.
 * @param api the name of the API, if the code of a backend defines several
 * @throws TypeError with the line, the column and what to write instead
 * @example
 * import { readConfiguration } from "@authmodes/amplify";
 *
 * console.log(readConfiguration("export default { aws_appsync_region: 'eu-west-1' };"));
 */
export function readConfiguration(text: string, api?: string): object {
  const all = readConfigurations(text);
  const [first] = all;
  if (first !== undefined && all.length === 1) return first;
  const named = all.flatMap((data) => listedApis(new Section("", data)).map(({ name }) => ({ name, data })));
  return choose(named, api).data;
}

/** All configurations in a text: several if the code of a backend defines several APIs. */
export function readConfigurations(text: string): readonly object[] {
  if (text.length > maxLength) throw new TypeError(`fromAmplify(): the text is over ${maxLength} characters`);
  if (/^[^\n{]+\.(?:json|[cm]?[jt]sx?|dart)$/.test(text)) {
    throw new TypeError(
      "fromAmplify() takes a file's text or data, not its path: readFileSync(path, 'utf8') reads it",
    );
  }
  // PowerShell writes the output of a command in UTF-16.
  if (text.includes("\0"))
    throw new TypeError("fromAmplify(): the text is not UTF-8; save the file as UTF-8");
  const dart = dartString(text);
  const parsed = parseText(dart?.text ?? text, dart?.start ?? { line: 1, column: 1 });
  const locate = (data: object) => located([data]);
  if ("program" in parsed) return configurationsOf(parsed.program, locate);
  const data = evaluate(parsed.object, new Map());
  if (!isData(data)) throw new TypeError("fromAmplify(): the text holds no object");
  return [locate(data) ?? data];
}

/** The outermost configuration: some projects keep it in a member of their own settings. */
function located(level: readonly object[], depth = 0): object | undefined {
  if (level.length === 0 || depth > maxLevels) return undefined;
  const inner = level.flatMap((data) => Object.values(data).filter(isData));
  return level.find(isConfiguration) ?? located(inner, depth + 1);
}
