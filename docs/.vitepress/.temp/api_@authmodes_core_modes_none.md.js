import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"@authmodes/core/modes/none","description":"","frontmatter":{},"headers":[],"relativePath":"api/@authmodes/core/modes/none.md","filePath":"docs/api/@authmodes/core/modes/none.md"}');
const _sfc_main = { name: "api/@authmodes/core/modes/none.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="authmodescoremodesnone" tabindex="-1">@authmodes/core/modes/none <a class="header-anchor" href="#authmodescoremodesnone" aria-label="Permalink to &quot;@authmodes/core/modes/none&quot;">​</a></h1><h2 id="functions" tabindex="-1">Functions <a class="header-anchor" href="#functions" aria-label="Permalink to &quot;Functions&quot;">​</a></h2><h3 id="none" tabindex="-1">none() <a class="header-anchor" href="#none" aria-label="Permalink to &quot;none()&quot;">​</a></h3><div class="language-ts vp-adaptive-theme"><button title="Copy Code" class="copy"></button><span class="lang">ts</span><pre class="shiki shiki-themes github-light-high-contrast github-dark-high-contrast vp-code" tabindex="0"><code><span class="line"><span style="--shiki-light:#A0111F;--shiki-dark:#FF9492;">function</span><span style="--shiki-light:#622CBC;--shiki-dark:#DBB7FF;"> none</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">()</span><span style="--shiki-light:#A0111F;--shiki-dark:#FF9492;">:</span><span style="--shiki-light:#702C00;--shiki-dark:#FFB757;"> AuthMode</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">&lt;</span><span style="--shiki-light:#702C00;--shiki-dark:#FFB757;">NoneIdentity</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">&gt;;</span></span></code></pre></div><p>Lets requests without credentials pass. A request that has any, good or bad, is not for this mode: one with an <code>Authorization</code> header or a part of a presigned query that no mode reads is refused.</p><h4 id="returns" tabindex="-1">Returns <a class="header-anchor" href="#returns" aria-label="Permalink to &quot;Returns&quot;">​</a></h4><p><a href="/api/@authmodes/core.html#authmode"><code>AuthMode</code></a>&lt;<a href="/api/@authmodes/core.html#noneidentity"><code>NoneIdentity</code></a>&gt;</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/api/@authmodes/core/modes/none.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const none = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  none as default
};
