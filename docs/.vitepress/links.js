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
 * The anchor of a heading as forges make it.
 * @param {string} heading
 */
export function slug(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}
