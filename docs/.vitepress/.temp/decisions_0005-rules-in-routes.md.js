import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"5. How routes ask the rules","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0005-rules-in-routes.md","filePath":"docs/decisions/0005-rules-in-routes.md"}');
const _sfc_main = { name: "decisions/0005-rules-in-routes.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="5-how-routes-ask-the-rules" tabindex="-1">5. How routes ask the rules <a class="header-anchor" href="#5-how-routes-ask-the-rules" aria-label="Permalink to &quot;5. How routes ask the rules&quot;">​</a></h1><p><code>createAuth(modes, { policy })</code> holds the rules, so that a denial is a refusal like any other: an <code>AuthError</code> with the format of the auth, under the id that the request had from the beginning, reported as an event. What adapters have in common (load, decide, filter, mask, stamp) is <code>RouteAccess</code> in core, and the <code>Policy</code> interface stands there too, so that an adapter still imports core and its framework alone.</p><ul><li><code>allow</code> comes from <code>createAllow(auth)</code>: only with the auth at hand can a route be checked when it is built.</li><li>A third kind of event, <code>allowed</code>, follows <code>accepted</code> under the same id and names the rule. Whoever counted acceptances counts the same as before.</li><li><code>not_found</code> is a code of its own, 404: a record that may not be known of has to be answered exactly as one that there is not, by the same code.</li><li>An input is checked after the decision: who may not write at all is told 403, not what a body should look like.</li><li><code>reportOnly</code> and <code>policy</code> together throw when built: report-only rejects no request, and a policy that denies nothing would give out records. <code>compareDecisions</code> of the rules package is for trying rules.</li><li>Where a route forgot to filter its list, or to decide, the answer is replaced as it is about to leave. Throwing from there would end the process where a stream writes.</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0005-rules-in-routes.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0005RulesInRoutes = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0005RulesInRoutes as default
};
