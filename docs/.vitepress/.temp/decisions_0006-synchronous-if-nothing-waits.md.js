import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"6. Synchronous if nothing has to be waited for","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0006-synchronous-if-nothing-waits.md","filePath":"docs/decisions/0006-synchronous-if-nothing-waits.md"}');
const _sfc_main = { name: "decisions/0006-synchronous-if-nothing-waits.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="6-synchronous-if-nothing-has-to-be-waited-for" tabindex="-1">6. Synchronous if nothing has to be waited for <a class="header-anchor" href="#6-synchronous-if-nothing-has-to-be-waited-for" aria-label="Permalink to &quot;6. Synchronous if nothing has to be waited for&quot;">​</a></h1><p><code>auth.authenticate</code> returns a promise, always: that is what an application expects. Most requests bring a token that is remembered, though, and then a promise is all that they wait for. In Express the handler that runs one promise later costs a request more than the verification; Nest awaits what a guard returns, unless it is a boolean.</p><ul><li><code>Adapter.authenticate</code> returns the identity, or a promise if a mode has to wait, and throws immediately or rejects. <code>auth.authenticate</code> is the same function behind <code>async</code>, so that there is one order of choosing, verifying, reporting and rejecting.</li><li>Whether a mode has to be waited for is told by what its <code>verify</code> returns having a <code>then</code>, not by <code>instanceof Promise</code>: promises of other libraries, and those of another realm as under Jest, would be taken for callers. Adapters ask <code>isPromise</code> too: one that took a promise for a caller would let everybody in.</li><li>Koa and fetch servers wait anyway.</li><li>Signatures and API keys are verified synchronously too if the key source answers synchronously. There is one verification for both cases: <code>after(value, next)</code> calls <code>next</code> with a value, or when its promise is fulfilled. Only a body that has to be hashed takes a promise, one, since <code>RequestView.body</code> returns one.</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0006-synchronous-if-nothing-waits.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0006SynchronousIfNothingWaits = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0006SynchronousIfNothingWaits as default
};
