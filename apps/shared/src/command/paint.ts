import { styleText } from "node:util";

/** Text in a style, or as it is if the stream has no colours. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** Styles for a terminal. `FORCE_COLOR` and `NO_COLOR` overrule what the stream says. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}
