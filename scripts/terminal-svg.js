// Draws the output of a terminal, with its colours, as SVG.

import { stripVTControlCharacters } from "node:util";

const charWidth = 8.43;
const lineHeight = 19;
const padding = 20;

const colours = new Map([
  ["31", "#ff8272"],
  ["32", "#7ee2a8"],
  ["33", "#f2c96d"],
  ["36", "#7fd1e8"],
]);

const escapes = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
]);

/**
 * Draws text with escape sequences for colours, bold and dim.
 * @param {string} text
 */
export function terminalSvg(text) {
  const lines = text.trimEnd().split("\n");
  const widest = Math.max(...lines.map((line) => stripVTControlCharacters(line).length));
  const width = Math.ceil(widest * charWidth + 2 * padding);
  const height = lines.length * lineHeight + 2 * padding;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#dfe3ea" xml:space="preserve">
<rect width="${width}" height="${height}" rx="10" fill="#1b1f27"/>
${lines.map(textElement).join("\n")}
</svg>
`;
}

/** @param {string} line @param {number} index */
function textElement(line, index) {
  const y = padding + (index + 0.75) * lineHeight;
  let column = 0;
  let style = "";
  const spans = line.split("\u001b[").map((part, at) => {
    const [code = "", rest = ""] = at === 0 ? ["", part] : part.split(/m(.*)/s);
    if (at > 0) style = styleOf(code);
    const blanks = rest.length - rest.trimStart().length;
    const x = padding + (column + blanks) * charWidth;
    column += rest.length;
    const words = rest.trim();
    return words === "" ? "" : cells(words, x, style);
  });
  return `<text y="${y}">${spans.join("")}</text>`;
}

/**
 * One element for each column of text, so that columns stay aligned in every font.
 * @param {string} text @param {number} x @param {string} style
 */
function cells(text, x, style) {
  return [...text.matchAll(/\S+(?: \S+)*/g)]
    .map(({ 0: word, index }) => {
      const shown = word.replaceAll(/[&<>]/g, (character) => escapes.get(character) ?? "");
      return `<tspan x="${(x + index * charWidth).toFixed(1)}"${style}>${shown}</tspan>`;
    })
    .join("");
}

/** @param {string} code of a style that begins; others end one */
function styleOf(code) {
  if (code === "1") return ' font-weight="bold"';
  if (code === "2") return ' opacity="0.65"';
  const colour = colours.get(code);
  return colour === undefined ? "" : ` fill="${colour}"`;
}
