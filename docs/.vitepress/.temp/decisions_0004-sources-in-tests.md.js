import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"4. Tests and types read the sources, users read dist","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0004-sources-in-tests.md","filePath":"docs/decisions/0004-sources-in-tests.md"}');
const _sfc_main = { name: "decisions/0004-sources-in-tests.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="4-tests-and-types-read-the-sources-users-read-dist" tabindex="-1">4. Tests and types read the sources, users read <code>dist</code> <a class="header-anchor" href="#4-tests-and-types-read-the-sources-users-read-dist" aria-label="Permalink to &quot;4. Tests and types read the sources, users read \`dist\`&quot;">​</a></h1><p>Each package&#39;s <code>exports</code> has a condition <code>@authmodes/source</code> that points at <code>src</code>. TypeScript (<code>customConditions</code>) and Vitest (<code>resolve.conditions</code>) set it, so that a change in one package is seen in another at once, without a build and without a stale one. Nobody else sets it; the packed package works from <code>dist</code> alone, which the end-to-end tests prove by installing the tarballs.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0004-sources-in-tests.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0004SourcesInTests = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0004SourcesInTests as default
};
