import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"3. Time is passed in","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0003-time-is-passed-in.md","filePath":"docs/decisions/0003-time-is-passed-in.md"}');
const _sfc_main = { name: "decisions/0003-time-is-passed-in.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="3-time-is-passed-in" tabindex="-1">3. Time is passed in <a class="header-anchor" href="#3-time-is-passed-in" aria-label="Permalink to &quot;3. Time is passed in&quot;">​</a></h1><p><code>createAuth(…, { clock })</code> is the only clock of verification: <code>detection.verify(now)</code> receives the milliseconds. Modes do not read the time themselves, so that a test moves one clock and every age, expiry and skew moves with it, and so that one request is judged at one instant.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0003-time-is-passed-in.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0003TimeIsPassedIn = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0003TimeIsPassedIn as default
};
