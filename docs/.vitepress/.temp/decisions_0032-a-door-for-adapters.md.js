import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"32. A door for adapters","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0032-a-door-for-adapters.md","filePath":"docs/decisions/0032-a-door-for-adapters.md"}');
const _sfc_main = { name: "decisions/0032-a-door-for-adapters.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="32-a-door-for-adapters" tabindex="-1">32. A door for adapters <a class="header-anchor" href="#32-a-door-for-adapters" aria-label="Permalink to &quot;32. A door for adapters&quot;">​</a></h1><p>Every user of Express saw eleven plumbing names in the completion of their editor, and <code>Auth</code> had fourteen members, of which users need eight. What only adapters need is now behind <code>@authmodes/core/adapter</code>.</p><ul><li><code>Adapter</code> is one class with what every adapter does, in the order of a request: <code>authenticate</code>, <code>identity</code>, <code>view</code>, <code>allow</code>, <code>access</code>, <code>mistake</code>. An adapter says how to find the view of its framework&#39;s request, and how to answer.</li><li>The object that <code>createAuth</code> returns has more methods than the type <code>Auth</code> shows. The door reaches them by one cast, in <code>opened</code>, since nothing but <code>createAuth</code> and <code>only</code> makes an auth. A symbol or a registry would do the same with more code, and would not find an auth that another copy of the module made, as bundlers do.</li><li>A preflight that a guard answers is thrown (<code>PreflightAnswer</code>), so that an adapter has one place for what ends a request. Express and Koa answer it with the headers that were set before; the others answer its <code>reply</code>, a 204.</li><li><code>./inspect</code> is the same for tools: guard notes, the texts of a signature, the rules of an auth. It was <code>./explain</code>.</li><li>What a caller sent wrong is an <code>AuthError</code> too, <code>invalid_input</code>, so that it is answered in the format of the auth, has an id and is reported. It was a class of its own, which each framework answered in another way.</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0032-a-door-for-adapters.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0032ADoorForAdapters = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0032ADoorForAdapters as default
};
