import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"2. A code for the server's own mistakes: misconfigured, 500","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0002-misconfigured.md","filePath":"docs/decisions/0002-misconfigured.md"}`);
const _sfc_main = { name: "decisions/0002-misconfigured.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="2-a-code-for-the-servers-own-mistakes-misconfigured-500" tabindex="-1">2. A code for the server&#39;s own mistakes: <code>misconfigured</code>, 500 <a class="header-anchor" href="#2-a-code-for-the-servers-own-mistakes-misconfigured-500" aria-label="Permalink to &quot;2. A code for the server&#39;s own mistakes: \`misconfigured\`, 500&quot;">​</a></h1><p>Most mistakes of the programmer are found when something is built. A few show only with a request: a body parser that consumed the bytes before a signature could be verified, a handler that asks for the identity although no <code>authenticate</code> ran. Such a request must be rejected, but it is not the caller&#39;s fault (so no 4xx), and trying again later will not help (so no 503).</p><p><code>misconfigured</code> is a 500 whose body says nothing but that; the cause and the fix are in the event and in the log line.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0002-misconfigured.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0002Misconfigured = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0002Misconfigured as default
};
