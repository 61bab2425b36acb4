import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"11. What is not known is not allowed","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0011-what-is-not-known.md","filePath":"docs/decisions/0011-what-is-not-known.md"}');
const _sfc_main = { name: "decisions/0011-what-is-not-known.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="11-what-is-not-known-is-not-allowed" tabindex="-1">11. What is not known is not allowed <a class="header-anchor" href="#11-what-is-not-known-is-not-allowed" aria-label="Permalink to &quot;11. What is not known is not allowed&quot;">​</a></h1><ul><li>A record that was not loaded: <code>needs-record</code>, also for lists, whose records are found with <code>filter</code>. A record that does not exist is <code>null</code>, which is something else.</li><li>An input that was not given: <code>needs-input</code>, where some input would be refused. A handler that asked without the input would write it unchecked. So is every create and update of a model with relations: see 0024.</li><li>A model, an operation, a field or a member of the question that does not exist throws, and so does half an identity. A misspelt field that is merely &quot;denied&quot; hides the mistake, and one that is ignored opens a hole. Inputs come from callers, so adapters check their keys (<code>policy.fields</code>) first and answer 400.</li><li>Keys of a record that are no fields of the model are left out by <code>mask</code>: columns appear in tables before anybody thinks of rules for them.</li><li>A field of the key may be named in an update by a role that may not write it, as in Amplify, but not with another value than the record&#39;s: in REST the record is found by the URL, and the key in the body would rename it.</li></ul><p><code>missing</code> on a denial says &quot;answer as if there were no such record&quot; and is apart from <code>reason</code>: Amplify calls the update of a missing record unauthorized, REST says 404, and with <code>hideAsMissing</code> a record that exists is answered so too.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0011-what-is-not-known.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0011WhatIsNotKnown = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0011WhatIsNotKnown as default
};
