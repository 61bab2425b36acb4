import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"13. Where decisions differ from Amplify's, on purpose","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0013-amplify-otherwise.md","filePath":"docs/decisions/0013-amplify-otherwise.md"}`);
const _sfc_main = { name: "decisions/0013-amplify-otherwise.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="13-where-decisions-differ-from-amplifys-on-purpose" tabindex="-1">13. Where decisions differ from Amplify&#39;s, on purpose <a class="header-anchor" href="#13-where-decisions-differ-from-amplifys-on-purpose" aria-label="Permalink to &quot;13. Where decisions differ from Amplify&#39;s, on purpose&quot;">​</a></h1><p>Amplify&#39;s behaviour is kept as data (<code>amplify-cases.test.ts</code>); the test lists each case that is answered otherwise, with the reason. They come from these rules; <code>docs/coming-from-auth.md</code> lists every difference and which have an option.</p><ul><li>Static groups and admin roles match exactly, never a part of a text.</li><li>Rules on fields outside models that need a record are refused when the policy is built. Rules on fields of nested types guard writing too, at any depth.</li><li>An owner field that is filled in allows a create only if no earlier owner rule&#39;s field names somebody else. An earlier one that is left out is filled in and allows, whoever a later one names: sharing a record is not giving it away.</li><li>A reader without <code>get</code> counts as a reader: fields that it may not see are guarded. Schemas are refused for required fields only where Amplify refuses them.</li><li>Where a part of a claim is missing, the rule does not exist, for reading too.</li><li>An update or delete of a record that does not exist is denied as <code>record-missing</code> to static roles as well.</li><li>A relation to a model of which the caller may read nothing is null at once, without asking the store.</li><li>In answers to writes, with subscriptions on, a guarded field is null for administrators too: the answer is what subscribers are sent.</li></ul><p>Kept although it surprises: a group claim that is one text counts for a list field of groups when writing and not when reading; a role that may delete and not update gets as far as its fields where the API has one provider.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0013-amplify-otherwise.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0013AmplifyOtherwise = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0013AmplifyOtherwise as default
};
