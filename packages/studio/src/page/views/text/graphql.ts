import { HighlightStyle, type StreamParser, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { tags } from "@lezer/highlight";

// Colours of the GraphQL schema language. Errors come from the parser of the rules instead.

const keywords =
  /^(?:type|input|enum|interface|union|scalar|directive|schema|extend|implements|on|repeatable)\b/;

const schemaLanguage: StreamParser<{ isInBlock: boolean }> = {
  startState: () => ({ isInBlock: false }),
  token(stream, state) {
    if (state.isInBlock || stream.match('"""')) {
      state.isInBlock = stream.match(/^.*?"""/) === null;
      if (state.isInBlock) stream.skipToEnd();
      return "string";
    }
    if (stream.eatSpace()) return null;
    if (stream.match(/^#.*/)) return "comment";
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
    if (stream.match(/^@\w+/)) return "meta";
    if (stream.match(keywords)) return "keyword";
    if (stream.match(/^(?:true|false|null)\b/)) return "atom";
    if (stream.match(/^-?\d[\d.eE+-]*/)) return "number";
    if (stream.match(/^\w+(?=\s*:)/)) return "propertyName";
    if (stream.match(/^[A-Z]\w*/)) return "typeName";
    if (stream.match(/^\w+/)) return "variableName";
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
};

const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: tags.string, color: "var(--good)" },
  { tag: tags.meta, color: "var(--narrow)" },
  { tag: tags.keyword, color: "var(--accent-strong)", fontWeight: "600" },
  { tag: [tags.atom, tags.number], color: "var(--warn)" },
  { tag: tags.typeName, color: "var(--accent-strong)" },
]);

export const graphql: Extension = [StreamLanguage.define(schemaLanguage), syntaxHighlighting(colours)];
