import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"8. CORS preflights are answered by the guard","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0008-preflights-are-answered-by-guards.md","filePath":"docs/decisions/0008-preflights-are-answered-by-guards.md"}');
const _sfc_main = { name: "decisions/0008-preflights-are-answered-by-guards.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="8-cors-preflights-are-answered-by-the-guard" tabindex="-1">8. CORS preflights are answered by the guard <a class="header-anchor" href="#8-cors-preflights-are-answered-by-the-guard" aria-label="Permalink to &quot;8. CORS preflights are answered by the guard&quot;">​</a></h1><p>Browsers send preflights without credentials, so a guard cannot reject them. It must not let them pass either: a preflight is told by two headers that any client can send, and <code>app.all</code>, <code>app.use(handler)</code>, plain Koa middleware and <code>@All()</code> serve OPTIONS like any other method.</p><ul><li>A guard answers 204, without a body and without CORS headers of ours, whatever credentials come along, also if the route accepts <code>none</code>, and in report-only. Headers that a CORS middleware set before stay. No handler runs, no event is reported: nothing was decided about a caller.</li><li><code>auth.authenticate</code> itself throws for a preflight, so that an adapter that forgets it runs no handler either. What it throws is an <code>AuthError</code> whose reply is the 204: all that can answer rejections can answer it.</li><li>CORS middlewares belong before the guard, where they answer preflights and put their headers on rejections too. One that has to run behind it needs <code>preflight: &quot;pass&quot;</code>. Handlers then find no identity. Routes under rules do not let preflights pass even then, since their handlers could do nothing with one.</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0008-preflights-are-answered-by-guards.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0008PreflightsAreAnsweredByGuards = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0008PreflightsAreAnsweredByGuards as default
};
