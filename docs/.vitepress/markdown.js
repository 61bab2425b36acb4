// Links of pages are paths of the repository, so that they work wherever the repository is shown. On the site, those to
// pages become addresses. Those to files that the site does not have become text.
import { existsSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { addressOf } from "./pages.js";

/**
 * A markdown-it plugin. A link to no file stays as it is, for the check of dead links to find.
 * @param {string} root of the repository
 */
export function repositoryLinks(root) {
  return (/** @type {import("markdown-it").default} */ md) => {
    md.core.ruler.push("repository-links", ({ tokens, env }) => {
      for (const { children } of tokens) {
        let isText = false;
        for (const token of children ?? []) {
          if (token.type === "link_open") {
            const address = resolve(root, env.realPath ?? env.path, token.attrGet("href") ?? "");
            isText = address === undefined;
            if (address !== undefined) token.attrSet("href", address);
          }
          if (isText && token.type.startsWith("link_")) {
            isText = token.type !== "link_close";
            token.type = "text";
            token.tag = "";
            token.nesting = 0;
            token.content = "";
          }
        }
      }
    });
  };
}

/**
 * @param {string} root
 * @param {string} page the file that has the link
 * @param {string} href
 */
function resolve(root, page, href) {
  if (/^(?:[a-z]+:|#|\/)/.test(href)) return href;
  const [path = "", anchor] = href.split("#");
  const target = join(dirname(page), decodeURI(path));
  if (!existsSync(target)) return href;
  const file = statSync(target).isDirectory() ? join(target, "README.md") : target;
  if (!file.endsWith(".md") || !existsSync(file)) return undefined;
  return addressOf(relative(root, file)) + (anchor === undefined ? "" : `#${anchor}`);
}

/**
 * A markdown-it plugin: a header of a table without words is an empty cell, as screen readers want it.
 * @param {import("markdown-it").default} md
 */
export function emptyHeaders(md) {
  md.core.ruler.push("empty-headers", ({ tokens }) => {
    for (const [i, { type, content }] of tokens.entries()) {
      if (type !== "inline" || content !== "" || tokens[i - 1]?.type !== "th_open") continue;
      for (const token of tokens.slice(i - 1, i + 2)) if (token.tag === "th") token.tag = "td";
    }
  });
}

/**
 * A markdown-it plugin: braces in code are no template of Vue's.
 * @param {import("markdown-it").default} md
 */
export function plainCode(md) {
  md.core.ruler.push("plain-code", ({ tokens }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type === "code_inline") token.attrSet("v-pre", "");
    }
  });
}
