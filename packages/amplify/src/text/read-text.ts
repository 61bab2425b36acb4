import { Code } from "./code.ts";
import { dartString } from "./dart.ts";
import { evaluate } from "./evaluate.ts";
import { parseText } from "./parse.ts";
import { configurationOf } from "./program.ts";

const maxLength = 1024 * 1024; // characters; real files have a few thousand
const maxLevels = 4;

/**
 * The configuration in a text: JSON with or without comments, JavaScript or TypeScript that declares or exports it, code
 * that passes it to `Amplify.configure()` or defines an API with it, or a Dart file that holds JSON in a string. Nothing
 * is executed: what only running the file would tell is a `Code` in the result.
 * @param isConfiguration whether an object has keys that a configuration has
 * @throws TypeError with the line and what to write instead
 */
export function readText(text: string, isConfiguration: (data: object) => boolean): object {
  if (text.length > maxLength) throw new TypeError(`fromAmplify(): the text is over ${maxLength} characters`);
  if (/^[^\n{]+\.(?:json|[cm]?[jt]sx?|dart)$/.test(text)) {
    throw new TypeError(
      "fromAmplify() takes a file's text or data, not its path: readFileSync(path, 'utf8') reads it",
    );
  }
  const dart = dartString(text);
  const parsed = parseText(dart?.text ?? text, dart?.line ?? 1);
  const locate = (data: object) => located([data], isConfiguration);
  if ("program" in parsed) return configurationOf(parsed.program, locate);
  const data = evaluate(parsed.object, new Map());
  if (typeof data !== "object" || data === null || data instanceof Code) {
    throw new TypeError("fromAmplify(): the text holds no object");
  }
  return locate(data) ?? data;
}

/** The outermost configuration: some projects keep it in a member of their own settings. */
function located(
  level: readonly object[],
  isConfiguration: (data: object) => boolean,
  depth = 0,
): object | undefined {
  if (level.length === 0 || depth > maxLevels) return undefined;
  const inner = level.flatMap((data) => Object.values(data).filter(isPlain));
  return level.find(isConfiguration) ?? located(inner, isConfiguration, depth + 1);
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Code);
}
