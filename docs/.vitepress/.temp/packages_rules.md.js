import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"@authmodes/rules","description":"","frontmatter":{},"headers":[],"relativePath":"packages/rules.md","filePath":"packages/rules/README.md"}');
const _sfc_main = { name: "packages/rules.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="authmodesrules" tabindex="-1">@authmodes/rules <a class="header-anchor" href="#authmodesrules" aria-label="Permalink to &quot;@authmodes/rules&quot;">​</a></h1><p>Amplify&#39;s <code>@auth</code> rules for your own server: who may do what with which record and field. Deny by default; per model, operation, record and field; as JSON, as SDL (<code>@authmodes/rules/sdl</code>) or in Amplify Gen 2&#39;s words (<code>defineSchema</code>).</p><div class="language-ts vp-adaptive-theme"><button title="Copy Code" class="copy"></button><span class="lang">ts</span><pre class="shiki shiki-themes github-light-high-contrast github-dark-high-contrast vp-code" tabindex="0"><code><span class="line"><span style="--shiki-light:#A0111F;--shiki-dark:#FF9492;">import</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;"> { createPolicy, toSql } </span><span style="--shiki-light:#A0111F;--shiki-dark:#FF9492;">from</span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;"> &quot;@authmodes/rules&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">;</span></span>
<span class="line"></span>
<span class="line"><span style="--shiki-light:#A0111F;--shiki-dark:#FF9492;">const</span><span style="--shiki-light:#023B95;--shiki-dark:#91CBFF;"> policy</span><span style="--shiki-light:#A0111F;--shiki-dark:#FF9492;"> =</span><span style="--shiki-light:#622CBC;--shiki-dark:#DBB7FF;"> createPolicy</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">(schema);</span></span>
<span class="line"><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">policy.</span><span style="--shiki-light:#622CBC;--shiki-dark:#DBB7FF;">decide</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">(identity, { model: </span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;">&quot;Order&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">, operation: </span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;">&quot;get&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">, record }); </span><span style="--shiki-light:#66707B;--shiki-dark:#BDC4CC;">// allowed or not, by which rule, and why</span></span>
<span class="line"><span style="--shiki-light:#622CBC;--shiki-dark:#DBB7FF;">toSql</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">(policy.</span><span style="--shiki-light:#622CBC;--shiki-dark:#DBB7FF;">filter</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">(identity, { model: </span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;">&quot;Order&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;"> }), { dialect: </span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;">&quot;postgresql&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;"> }); </span><span style="--shiki-light:#66707B;--shiki-dark:#BDC4CC;">// a list&#39;s WHERE, with parameters</span></span>
<span class="line"><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">policy.</span><span style="--shiki-light:#622CBC;--shiki-dark:#DBB7FF;">mask</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">(identity, </span><span style="--shiki-light:#032563;--shiki-dark:#ADDCFF;">&quot;Order&quot;</span><span style="--shiki-light:#0E1116;--shiki-dark:#F0F3F6;">, record); </span><span style="--shiki-light:#66707B;--shiki-dark:#BDC4CC;">// what the caller may not read is null</span></span></code></pre></div><p>The rules one by one: <a href="/rules.html">docs/rules.md</a>. Identities come from <a href="/packages/core.html"><code>@authmodes/core</code></a>.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("packages/rules/README.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const README = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  README as default
};
