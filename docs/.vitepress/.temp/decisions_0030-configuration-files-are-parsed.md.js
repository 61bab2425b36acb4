import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"30. Configuration files are parsed","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0030-configuration-files-are-parsed.md","filePath":"docs/decisions/0030-configuration-files-are-parsed.md"}');
const _sfc_main = { name: "decisions/0030-configuration-files-are-parsed.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="30-configuration-files-are-parsed" tabindex="-1">30. Configuration files are parsed <a class="header-anchor" href="#30-configuration-files-are-parsed" aria-label="Permalink to &quot;30. Configuration files are parsed&quot;">​</a></h1><p><code>fromAmplify</code> read JSON, JavaScript and Dart with a reader of our own, and the command line had a second one for the code of a backend. Both were regular expressions over text. They read modes inside comments, dropped ages that were written as <code>60 * 60 * 24</code>, and rejected most files that people really have.</p><ul><li><code>@authmodes/amplify</code> parses JavaScript and TypeScript with <code>@babel/parser</code> and evaluates constants from the tree. Nothing is executed. <code>@babel/parser</code> is plain JavaScript without native parts, so that the package installs everywhere; its version 7 runs on Node 20.</li><li>The package stands beside core because of that dependency: core needs jose alone, and a server that writes its modes down itself loads no parser.</li><li>What only running the file would tell becomes a <code>Code</code> with its line. It does no harm until the server needs the value; then an error names the option that stands for it. An age that is code is never dropped, since a server without the limit would be weaker than the file means.</li><li>A constant that the file changes later (<code>config.API = …</code>) is no constant, and two configurations in one file are an error: taking the first would serve the wrong one half of the time.</li><li>Errors quote nothing of the file but names of keys, since values may be secrets.</li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("docs/decisions/0030-configuration-files-are-parsed.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0030ConfigurationFilesAreParsed = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0030ConfigurationFilesAreParsed as default
};
