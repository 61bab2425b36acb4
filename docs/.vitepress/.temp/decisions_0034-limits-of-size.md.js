import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"34. Limits of size","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0034-limits-of-size.md","filePath":"docs/decisions/0034-limits-of-size.md"}');
const _sfc_main = { name: "decisions/0034-limits-of-size.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="34-limits-of-size" tabindex="-1">34. Limits of size <a class="header-anchor" href="#34-limits-of-size" aria-label="Permalink to &quot;34. Limits of size&quot;">​</a></h1><p>Someone who arrives has to read what is there, so <code>npm run check</code> counts it: lines without blanks, comments and tests for each package, sources of at most 300 lines, and the number of sources of core, rules and nestjs. A package that grows over its limit fails the check, and raising a limit changes this page.</p><p>The limits are what there was when they were introduced, rounded up. Five are above what was planned:</p><ul><li><strong>core, 8,550</strong> (planned: 7,000). The plan was made before the guards at the seams with other software were built: bounded bodies and JSON, preflights, tokens bound to a key, weak keys, plain http, hand-built requests, connections that end. They are about 1,500 lines, nearly all of them checks with a message that says what to write.</li><li><strong>rules, 6,010</strong> (planned: 6,000), since what the studio had copies of is asked of the rules: the provider of a rule, the kinds of reading, rights grouped by role.</li><li><strong>next, 550</strong> (planned: 520): views of routes and of pages see a request in different ways, and share little.</li><li><strong>cli, 3,920</strong> (planned: 3,900): what <code>init</code> writes for Fastify, whose servers start and stop by functions of their own.</li><li><strong>nestjs, 1,270</strong> (planned: 1,250): messages that share a client or a message keep what a guard finds apart until it passes.</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0034-limits-of-size.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0034LimitsOfSize = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0034LimitsOfSize as default
};
