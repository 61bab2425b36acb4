import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"12. Names that cannot be forged","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0012-names-that-cannot-be-forged.md","filePath":"docs/decisions/0012-names-that-cannot-be-forged.md"}');
const _sfc_main = { name: "decisions/0012-names-that-cannot-be-forged.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="12-names-that-cannot-be-forged" tabindex="-1">12. Names that cannot be forged <a class="header-anchor" href="#12-names-that-cannot-be-forged" aria-label="Permalink to &quot;12. Names that cannot be forged&quot;">​</a></h1><p>Amplify stores <code>sub::username</code> and matches the whole, the subject or the user name. That is kept for a field that one provider with one issuer feeds (records of old APIs hold bare names), with these guards:</p><ul><li>A claim part that contains <code>::</code>, or begins or ends with <code>:</code>, makes a rule of several claims not exist for the caller: the joined value has to read one way only. Otherwise a user who signs up as <code>&lt;sub of alice&gt;::alice</code> gets her records.</li><li>Where several providers or issuers feed one owner field, only the full stored value matches. A pool user may choose a name that is somebody&#39;s OIDC subject.</li><li>In a field where one rule stores joined values, a single claim that contains <code>::</code> matches nothing: an OIDC subject may look like a joined value.</li><li>Claims count if they are the token&#39;s own, text, and not empty. Groups are a list of such texts, or one text. Comparisons are of text, byte by byte.</li><li>A second issuer behind a provider with owner or groups rules is an error until <code>sharedNamespace</code> says that their names mean the same. Which issuers are meant is the policy&#39;s to say (<code>issuers</code>): the server may accept more of them for other purposes. <code>checkBoot</code> finds a server that accepts several while the policy names none.</li><li>Administrators are exact names or ARNs. Of <code>assumed-role/&lt;role&gt;/&lt;session&gt;</code> the session is chosen by the caller and never counts alone.</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0012-names-that-cannot-be-forged.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0012NamesThatCannotBeForged = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0012NamesThatCannotBeForged as default
};
