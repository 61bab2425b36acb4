import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"10. One condition decides and filters","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0010-one-condition-decides-and-filters.md","filePath":"docs/decisions/0010-one-condition-decides-and-filters.md"}');
const _sfc_main = { name: "decisions/0010-one-condition-decides-and-filters.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="10-one-condition-decides-and-filters" tabindex="-1">10. One condition decides and filters <a class="header-anchor" href="#10-one-condition-decides-and-filters" aria-label="Permalink to &quot;10. One condition decides and filters&quot;">​</a></h1><p>For a caller, a model and an operation each role of the rules becomes <code>always</code>, <code>never</code> or a condition on the record (<code>equals</code>, <code>contains</code>, <code>and</code>, <code>or</code>). <code>decide</code> evaluates these conditions one role after the other, so that it can name the one that decided; <code>filter</code> returns them joined by <code>or</code>. There is no second implementation that could say something else, and a property test holds the two against each other.</p><ul><li>Conditions hold values, never callers: a target (SQL, Prisma, …) needs to know nothing about claims.</li><li>Key arguments (<code>args</code>) only ever take a role away. Amplify drops the filter where the caller asks for the own key; here it stays, so that a store which ignores the key shows nothing more.</li><li>What depends on the caller alone is worked out once for each identity and model, and remembered while the identity lives. Only frozen identities are remembered: what could still change must not be.</li><li>Sentences are found when they are read. A denial holds what it needs for that, and most are never read.</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0010-one-condition-decides-and-filters.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0010OneConditionDecidesAndFilters = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0010OneConditionDecidesAndFilters as default
};
